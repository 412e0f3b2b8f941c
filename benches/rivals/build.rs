//! Compiles the parts that are written in C++, where simdjson is there: in the folder that
//! `benches/compare` names, or else in the system.

use std::path::{Path, PathBuf};
use std::process::Command;

const SOURCES: [&str; 2] = ["src/on_demand.cpp", "src/doors/on_demand.cpp"];
/// The folder of the release's two files.
const FOLDER: &str = "CMETRICS_SIMDJSON";

fn main() {
    SOURCES.iter().for_each(|source| println!("cargo::rerun-if-changed={source}"));
    println!("cargo::rerun-if-env-changed={FOLDER}");
    println!("cargo::rustc-check-cfg=cfg(simdjson)");
    let fetched = std::env::var_os(FOLDER).map(PathBuf::from);
    if fetched.is_none() && !is_in_system() {
        println!("cargo::warning=no simdjson on this system: On-Demand is left out");
        return;
    }
    let mut compiler = cc::Build::new();
    compiler.cpp(true).std("c++17").opt_level(3).flag_if_supported("-march=native");
    compiler.files(SOURCES);
    if let Some(folder) = &fetched {
        compiler.include(folder).file(folder.join("simdjson.cpp"));
    }
    match compiler.try_compile("on_demand") {
        Ok(()) => {
            if fetched.is_none() {
                println!("cargo::rustc-link-lib=simdjson");
            }
            println!("cargo::rustc-cfg=simdjson");
        }
        Err(error) => println!("cargo::warning=On-Demand is left out: {error}"),
    }
}

fn is_in_system() -> bool {
    let known = Command::new("pkg-config").args(["--exists", "simdjson"]).status();
    let include = ["/usr/include", "/usr/local/include"];
    known.is_ok_and(|status| status.success())
        || include.iter().any(|folder| Path::new(folder).join("simdjson.h").exists())
}
