//! Where a point lies in Redis, and in which shape.

use cmetrics_core::container::Identity;
use cmetrics_core::{DataPoint, Timestamp};
use serde_json::Value;

use super::options::Layout;
use super::resp::Commands;
use crate::source_shape::{is_id, source_shape};

/// A point as it is pushed to a list.
#[derive(Debug)]
pub(super) struct Item {
    key: String,
    text: String,
    /// Whether the set of names has the key.
    is_named: bool,
}

impl Item {
    /// The item of a point; `None` of one that has no place in the layout: of a cgroup that is no
    /// container, or, where its image is in the key, of one without an image.
    pub(super) fn of(
        point: &DataPoint,
        identity: Option<&Identity>,
        machine_host: Option<&str>,
        layout: Layout,
    ) -> Option<Self> {
        if !is_id(point.name()) {
            return None;
        }
        let mut shape = source_shape(point);
        let key = match layout {
            Layout::Triggers => format!("docker://{}", point.name()),
            Layout::Throttlebot => {
                let image = identity?.image()?;
                let image = image.strip_prefix("quilt/").unwrap_or(image);
                let (start, end) = (point.interval().start_time(), point.interval().end_time());
                let mut set =
                    |key: &str, text| drop(shape.insert(key.to_owned(), Value::from(text)));
                set("ts1", time_of_day(start));
                set("ts2", time_of_day(end));
                set("ts", time_of_day(end));
                let image: String = image.chars().take(10).collect();
                format!("{image}@{}", machine_host?)
            }
        };
        let text = Value::Object(shape).to_string();
        Some(Self { key, text, is_named: layout == Layout::Throttlebot })
    }

    /// Adds the commands that push it.
    pub(super) fn push(&self, points_of_list: u64, commands: &mut Commands) {
        let key = self.key.as_bytes();
        if self.is_named {
            commands.add(&[b"SADD", b"names", key]);
        }
        commands.add(&[b"LPUSH", key, self.text.as_bytes()]);
        let last = points_of_list.saturating_sub(1).to_string();
        commands.add(&[b"LTRIM", key, b"0", last.as_bytes()]);
    }
}

/// The time of day, in UTC: `23:47:01`.
fn time_of_day(time: Timestamp) -> String {
    time.to_string().get(11..19).unwrap_or_default().to_owned()
}
