//! Tests of appended points, with anything in between.

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;

use super::model::Model;
use super::points::{CONTAINERS, START, Spec, WIDTH, some_run, some_spec};
use super::*;

const SLOTS: u64 = 60;

#[derive(Clone, Debug)]
enum Act {
    Append(Vec<Spec>),
    Range(usize, Range<u64>),
    RollUp(usize),
    Seal,
    Merge,
    Remove(usize, Range<u64>),
    Retain(u64),
    RetainPoints(u64),
    Advance(u64),
    Sync,
    Close,
    Kill,
    PowerCut(u64),
}

fn some_act() -> impl Strategy<Value = Act> {
    let runs = vec(some_run(SLOTS), 1..4).prop_map(|runs| runs.concat());
    prop_oneof![
        6 => runs.prop_map(Act::Append),
        6 => vec(some_spec(SLOTS), 0..12).prop_map(Act::Append),
        3 => (0..CONTAINERS.len(), 0..SLOTS * WIDTH, 0..SLOTS * WIDTH)
            .prop_map(|(of, from, to)| Act::Range(of, START + from..START + to)),
        1 => (0..CONTAINERS.len()).prop_map(Act::RollUp),
        3 => Just(Act::Seal),
        1 => Just(Act::Merge),
        2 => (0..CONTAINERS.len(), 0..SLOTS * WIDTH, 0..SLOTS * WIDTH)
            .prop_map(|(of, from, to)| Act::Remove(of, START + from..START + to)),
        1 => (0..SLOTS * WIDTH / 2).prop_map(Act::Retain),
        1 => (0_u64..80).prop_map(Act::RetainPoints),
        1 => (0..SLOTS * WIDTH).prop_map(Act::Advance),
        1 => Just(Act::Sync),
        2 => Just(Act::Close),
        2 => Just(Act::Kill),
        2 => any::<u64>().prop_map(Act::PowerCut),
    ]
}

struct Rig {
    disk: Simulated,
    options: StoreOptions,
    store: Option<Store>,
    model: Model,
    /// Whether a point replaced another.
    has_replaced: bool,
}

impl Rig {
    fn store(&self) -> &Store {
        self.store.as_ref().unwrap()
    }

    fn reopen(&mut self, disk: Simulated) {
        self.store = None;
        self.store = Some(open_idle(&disk, self.options).unwrap());
        self.disk = disk;
        // It has no time yet.
        self.model.now = 0;
    }

    fn act(&mut self, act: &Act) {
        match act {
            Act::Append(specs) => {
                let points: Vec<_> = specs.iter().map(Spec::point).collect();
                let expected = self.model.append(&points);
                self.has_replaced |= expected.replaced > 0;
                assert_eq!(self.store().append(&points).unwrap(), expected);
            }
            Act::Range(of, range) => {
                let name = CONTAINERS[*of];
                let found = self.store().of(name, range.clone());
                let within = |point: &&DataPoint| range.contains(&point.interval().start());
                let expected: Vec<_> = self.model.of(name).filter(within).map(exact).collect();
                let found: Vec<_> = found.iter().map(exact).collect();
                assert_eq!(found, expected);
            }
            Act::RollUp(of) => {
                let name = CONTAINERS[*of];
                let up = |points: Vec<DataPoint>| -> Vec<_> {
                    let minutes = crate::point::RollUp::new(Duration::from_secs(60))
                        .unwrap()
                        .of(points)
                        .unwrap();
                    minutes.iter().map(exact).collect()
                };
                let found = self.store().of(name, 0..u64::MAX);
                assert_eq!(up(found), up(self.model.of(name).cloned().collect()));
            }
            Act::Seal => self.store().seal().unwrap(),
            Act::Merge => self.store().merge_all().unwrap(),
            Act::Remove(of, range) => self.remove(CONTAINERS[*of], range),
            Act::Retain(second) => self.retain(*second),
            Act::RetainPoints(most) => self.retain_points(*most),
            Act::Advance(second) => {
                self.model.now = START - 3_600 + second;
                let now = Timestamp::from_nanos(self.model.now * 1_000_000_000).unwrap();
                self.store().advance(now);
            }
            Act::Sync => self.store().sync().unwrap(),
            Act::Close => {
                self.store.take().unwrap().close().unwrap();
                self.reopen(self.disk.clone());
            }
            Act::Kill => self.reopen(self.disk.kill()),
            Act::PowerCut(seed) => self.reopen(self.disk.power_cut(*seed)),
        }
    }
}

impl Rig {
    fn remove(&mut self, name: &str, range: &Range<u64>) {
        let is_known = self.model.of(name).next().is_some();
        match self.store().remove(name, unix_seconds(range.clone())) {
            Ok(removed) => assert_eq!(removed.points, self.model.remove(name, range)),
            Err(error) => {
                assert!(!is_known);
                assert_eq!(error.kind(), crate::ErrorKind::UnknownContainer);
            }
        }
    }

    fn retain(&mut self, second: u64) {
        let now = Timestamp::from_nanos((START + second + 60) * 1_000_000_000).unwrap();
        let kept = self.store().retain(Retention::Age { now, age: Duration::from_secs(60) });
        let floor = (START + second) / WIDTH * WIDTH;
        match self.model.newest() {
            Some(newest) if floor > newest.max(self.model.floor) => {
                assert_eq!(kept.unwrap_err().kind(), crate::ErrorKind::Refused);
            }
            newest => {
                if newest.is_some() {
                    self.model.drop_before(floor);
                }
                assert_eq!(seconds(kept.unwrap().floor), self.model.floor);
            }
        }
    }

    fn retain_points(&mut self, least: u64) {
        self.store().seal().unwrap();
        let before = self.model.points.len() as u64;
        let kept = self.store().retain(Retention::Points(least)).unwrap();
        self.model.drop_before(seconds(kept.floor));
        let left = self.model.points.len() as u64;
        assert!(left > 0 || before == 0);
        // After replacements, the store does not know how many points are visible.
        assert!(left >= least.min(before) || self.has_replaced);
        let view = self.store().shared().view();
        let mut entries: Vec<_> =
            view.parts().point_segments().map(|sealed| &sealed.entry).collect();
        entries.sort_by_key(|entry| entry.first);
        if let [oldest, next, ..] = entries[..]
            && entries.iter().zip(&entries[1..]).all(|(one, next)| one.end <= next.first)
        {
            let behind: u64 = entries[1..].iter().map(|entry| entry.points).sum();
            assert!(behind < least.max(1), "{oldest:?} could go, {next:?} stays");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_store_answers_as_a_map_of_its_points_would(acts in vec(some_act(), 1..40)) {
        let disk = Simulated::new();
        let options = StoreOptions::default().with_sync(SyncPolicy::Always);
        let store = Some(open_idle(&disk, options).unwrap());
        let mut rig = Rig { disk, options, store, model: Model::default(), has_replaced: false };
        for act in &acts {
            rig.act(act);
            rig.model.check(rig.store());
        }
    }

    #[test]
    fn a_tiny_memory_and_threads_behind_the_scenes_change_no_answer(
        acts in vec(some_act(), 1..25),
        memory in 500_usize..20_000,
    ) {
        let disk = Simulated::new();
        let options = StoreOptions::default().with_memory(memory).with_sync(SyncPolicy::Always);
        let mut model = Model::default();
        let mut store = open(&disk, options).unwrap();
        for act in acts {
            match act {
                Act::Append(specs) => {
                    let points: Vec<_> = specs.iter().map(Spec::point).collect();
                    let expected = model.append(&points);
                    prop_assert_eq!(store.append(&points).unwrap(), expected);
                }
                Act::Merge | Act::Seal => store.compact().unwrap(),
                Act::RetainPoints(most) => {
                    let kept = store.retain(Retention::Points(most)).unwrap();
                    model.drop_before(seconds(kept.floor));
                }
                Act::Close | Act::Kill => {
                    store.close().unwrap();
                    store = open(&disk, options).unwrap();
                }
                _ => {}
            }
            model.check(&store);
        }
    }
}
