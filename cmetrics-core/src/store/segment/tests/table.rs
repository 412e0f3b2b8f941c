//! Blocks that are appended to a table are the table that their points make.

use proptest::prelude::*;

use super::points::any_points;
use super::*;
use crate::point::Table;

fn some_metrics() -> impl Strategy<Value = MetricSet> {
    let some = prop::collection::vec(prop::sample::select(Metric::ALL.to_vec()), 0..6);
    prop_oneof![
        some.prop_map(|metrics| metrics.into_iter().collect()),
        Just(MetricSet::documented()),
        Just(MetricSet::all()),
    ]
}

proptest! {
    #[test]
    fn a_block_is_the_table_of_its_points(
        points in any_points(),
        most in 1_usize..40,
        selected in some_metrics(),
        wanted in some_metrics(),
        select: bool,
        cut in any::<prop::sample::Index>(),
    ) {
        let (bytes, _) = written(&points, most);
        let segment = open(&bytes).unwrap();
        let from = points[cut.index(points.len())].interval().start();
        let (mut scratch, mut table) = (Scratch::default(), Table::new(selected));
        let (mut expected, mut points) = (Table::new(selected), Vec::new());
        let all = MetricSet::all();
        let kept = if select { MetricSet::documented().union(wanted) } else { all };
        for listing in segment.all() {
            let name = listing.name().into();
            for block in segment.blocks(&listing) {
                for range in [0..from, from..u64::MAX] {
                    points.clear();
                    segment.read(block, &name, &range, &mut scratch, &mut points).unwrap();
                    for point in &mut points {
                        if select {
                            point.select(wanted);
                        }
                        expected.push(point);
                    }
                    let rows = segment.decode(block, &name, &range, &mut scratch).unwrap();
                    segment.append(block, &name, rows, &mut scratch, kept, &mut table).unwrap();
                }
            }
        }
        table.assert_is(&expected);
    }
}
