//! What a sample tells beside the documented metrics.

use proptest::option;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::Move;

#[derive(Clone, Debug, Default)]
pub struct Extras {
    by: Move,
    /// The OOM kills are written where they are not 0.
    oom_events: Option<u8>,
    /// Two of 2^63 are more than 64 bits hold.
    file_systems: Option<[u64; 2]>,
    processes: Option<u8>,
    tasks: Option<u8>,
    accelerator: Option<u64>,
    /// 0 where it was not read.
    schedstat: Option<u8>,
    swap: Option<u64>,
}

fn a_size() -> impl Strategy<Value = u64> {
    prop_oneof![8 => 0_u64..1 << 40, 1 => Just(1 << 63), 1 => any::<u64>()]
}

pub fn some_extras() -> impl Strategy<Value = Extras> {
    let count = || option::of(any::<u8>());
    (
        super::a_move(),
        option::weighted(0.3, any::<u8>()),
        option::of([a_size(), a_size()]),
        count(),
        count(),
        option::weighted(0.2, a_size()),
        option::of(prop_oneof![Just(0), any::<u8>()]),
        option::of(a_size()),
    )
        .prop_map(
            |(by, oom_events, file_systems, processes, tasks, accelerator, schedstat, swap)| {
                Extras {
                    by,
                    oom_events,
                    file_systems,
                    processes,
                    tasks,
                    accelerator,
                    schedstat,
                    swap,
                }
            },
        )
}

impl Extras {
    pub fn write(&self, sample: &mut Value, counter: &mut u64) {
        let value = self.by.applied_to(counter);
        sample["memory"]["failcnt"] = value.into();
        sample["memory"]["container_data"] = json!({ "pgfault": value / 2 });
        sample["cpu"]["cfs"] = json!({ "periods": value });
        if let Some(count) = self.oom_events.filter(|count| *count > 0) {
            sample["oom_events"] = count.into();
        }
        if let Some([one, other]) = self.file_systems {
            let second = json!({ "usage": other, "inodes": 5, "has_inodes": false });
            sample["filesystem"] =
                json!([{ "usage": one, "base_usage": one / 2, "inodes": 7 }, second]);
        }
        if let Some(count) = self.processes {
            sample["processes"] = json!({ "process_count": count, "fd_count": 2 });
            sample["referenced_memory"] = (u64::from(count) * 4096).into();
        }
        if let Some(count) = self.tasks {
            sample["task_stats"] = json!({ "nr_sleeping": count });
        }
        if let Some(size) = self.accelerator {
            sample["accelerators"] = json!([{ "memory_used": size }, { "memory_used": 1 }]);
        }
        if let Some(time) = self.schedstat {
            sample["cpu"]["schedstat"] =
                json!({ "run_time": time, "runqueue_time": 0, "run_periods": time / 2 });
        }
        if let Some(swap) = self.swap {
            sample["memory"]["swap"] = swap.into();
        }
    }
}
