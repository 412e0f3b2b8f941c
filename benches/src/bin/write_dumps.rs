//! Writes a folder of plain dumps for measuring whole processes: `write_dumps new|polls FOLDER
//! BYTES`. Every sample of `new` is new; of `polls` five in six repeat an earlier file's.

#![expect(clippy::expect_used, reason = "a bench without its data cannot go on")]
#![expect(clippy::print_stdout, reason = "tells what was written")]

use std::path::Path;

use cmetrics_benches::{polls, working_set};

/// As much as is made in memory at once.
const MOST: usize = 2 << 30;

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [kind, folder, bytes] = &arguments[..] else {
        println!("usage: write_dumps new|polls FOLDER BYTES");
        std::process::exit(2);
    };
    let bytes = bytes.parse::<usize>().expect("a number of bytes").min(MOST);
    let documents = match &**kind {
        "new" => working_set(bytes),
        "polls" => polls(bytes).concat(),
        _ => Vec::new(),
    };
    std::fs::create_dir_all(folder).expect("a folder that can be made");
    for (number, document) in documents.iter().enumerate() {
        let path = Path::new(folder).join(format!("{number:06}.json"));
        std::fs::write(path, document).expect("room on the disk");
    }
    let written: usize = documents.iter().map(Vec::len).sum();
    println!("{} files, {written} bytes", documents.len());
}
