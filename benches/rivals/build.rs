//! Compiles the part that is written in C++, where the system has simdjson.

use std::path::Path;
use std::process::Command;

const SOURCE: &str = "src/on_demand.cpp";

fn main() {
    println!("cargo::rerun-if-changed={SOURCE}");
    println!("cargo::rustc-check-cfg=cfg(simdjson)");
    if !is_there() {
        println!("cargo::warning=no libsimdjson on this system: On-Demand is left out");
        return;
    }
    let mut compiler = cc::Build::new();
    compiler.cpp(true).std("c++17").opt_level(3).flag_if_supported("-march=native").file(SOURCE);
    match compiler.try_compile("on_demand") {
        Ok(()) => {
            println!("cargo::rustc-link-lib=simdjson");
            println!("cargo::rustc-cfg=simdjson");
        }
        Err(error) => println!("cargo::warning=On-Demand is left out: {error}"),
    }
}

fn is_there() -> bool {
    let known = Command::new("pkg-config").args(["--exists", "simdjson"]).status();
    let include = ["/usr/include", "/usr/local/include"];
    known.is_ok_and(|status| status.success())
        || include.iter().any(|folder| Path::new(folder).join("simdjson.h").exists())
}
