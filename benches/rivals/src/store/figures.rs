//! Figures: what is aimed at, what was reached, and what others did in the same run.

use std::time::{Duration, Instant};

/// A row of the table.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    what: String,
    unit: &'static str,
    aim: Option<Aim>,
    reached: f64,
    rivals: Vec<(String, f64)>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Aim {
    AtMost(f64),
    AtLeast(f64),
}

/// All rows, and what is to be said of them.
#[derive(Debug, Default)]
pub(crate) struct Report {
    rows: Vec<Row>,
}

impl Row {
    pub(crate) fn new(what: impl Into<String>, unit: &'static str, reached: f64) -> Self {
        Self { what: what.into(), unit, aim: None, reached, rivals: Vec::new() }
    }

    pub(crate) fn at_most(self, most: f64) -> Self {
        Self { aim: Some(Aim::AtMost(most)), ..self }
    }

    pub(crate) fn at_least(self, least: f64) -> Self {
        Self { aim: Some(Aim::AtLeast(least)), ..self }
    }

    pub(crate) fn beside(mut self, name: impl Into<String>, figure: f64) -> Self {
        self.rivals.push((name.into(), figure));
        self
    }

    fn line(&self) -> String {
        let Self { what, unit, aim, reached, rivals } = self;
        let (aim, verdict) = match *aim {
            Some(Aim::AtMost(most)) => (format!("at most {}", short(most)), *reached <= most),
            Some(Aim::AtLeast(least)) => (format!("at least {}", short(least)), *reached >= least),
            None => (String::new(), true),
        };
        let verdict = match (aim.is_empty(), verdict) {
            (true, _) => "",
            (_, true) => "met",
            (_, false) => "NOT MET",
        };
        let rivals: Vec<_> =
            rivals.iter().map(|(name, figure)| format!("{name} {}", short(*figure))).collect();
        let (reached, rivals) = (short(*reached), rivals.join("; "));
        format!("| {what} | {unit} | {aim} | {reached} | {verdict} | {rivals} |")
    }
}

impl Report {
    pub(crate) fn add(&mut self, row: Row) {
        eprintln!("  {}", row.line());
        self.rows.push(row);
    }

    pub(crate) fn print(&self) {
        println!("| | unit | aim | cmetrics | | in the same run |");
        println!("|---|---|---:|---:|---|---|");
        self.rows.iter().for_each(|row| println!("{}", row.line()));
    }
}

/// Three digits that mean something, without zeros behind them.
fn short(figure: f64) -> String {
    let bounds = [100.0, 10.0, 1.0, 0.1, 0.01, 0.001];
    let digits = bounds.iter().take_while(|bound| figure.abs() < **bound).count();
    let text = format!("{figure:.digits$}");
    let shorter = text.trim_end_matches('0').trim_end_matches('.');
    if text.contains('.') { shorter.to_owned() } else { text }
}

/// 0 where there is nothing.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    match values.len() {
        0 => 0.0,
        odd if odd % 2 == 1 => values[half],
        _ => f64::midpoint(values[half - 1], values[half]),
    }
}

/// How long something took, in seconds.
pub(crate) fn timed<T>(what: impl FnOnce() -> T) -> (f64, T) {
    let start = Instant::now();
    let result = what();
    (start.elapsed().as_secs_f64(), result)
}

/// Waits until the threads behind the scenes have nothing more to do, so that one's work does not
/// fall on another's turn.
pub(crate) fn rest() {
    const LOOK: Duration = Duration::from_millis(40);
    let mut quiet = 0;
    while quiet < 2 {
        let before = cpu_time();
        std::thread::sleep(LOOK);
        let used = cpu_time().saturating_sub(before);
        quiet = if used < LOOK / 10 { quiet + 1 } else { 0 };
    }
}

fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

#[allow(clippy::cast_precision_loss, reason = "figures are for people")]
pub(crate) fn ratio(all: u64, of: u64) -> f64 {
    all as f64 / of as f64
}

/// The process's resident set, in bytes.
pub(crate) fn resident() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().next()?.parse::<i64>().ok());
    kibibytes.expect("the size of the resident set") << 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_short() {
        let figures = [0.5, 12.0, 2.5151, 4700.2, 98.76, 0.012_345];
        assert_eq!(figures.map(short), ["0.5", "12", "2.52", "4700", "98.8", "0.0123"]);
    }

    #[test]
    fn a_row_says_whether_its_aim_was_met() {
        let row = Row::new("a", "ms", 3.0).at_most(2.0).beside("b", 4.0);
        assert_eq!(row.line(), "| a | ms | at most 2 | 3 | NOT MET | b 4 |");
    }
}
