//! `atelier serial watch` from the command line.

#![allow(clippy::unwrap_used)] // a test that cannot go on shall panic

use serde_json::Value;
use std::process::{Command, Output};

fn atelier(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_atelier"))
        .args(["serial", "/nowhere/port"])
        .args(arguments)
        .output()
        .unwrap()
}

#[test]
fn without_a_terminal_the_cure_is_named() {
    let output = atelier(&["watch"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(said.contains("add --json"), "{said}");
    assert!(output.stdout.is_empty());
}

#[test]
fn json_is_a_line_a_look_wherever_the_flag_stands() {
    for arguments in [
        ["--json", "watch", "--count", "1"],
        ["watch", "--count", "1", "--json"],
    ] {
        let output = atelier(&arguments);
        assert!(!output.status.success(), "there is no board");
        let said = String::from_utf8(output.stdout).unwrap();
        let looks: Vec<Value> = said
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(looks.len(), 1);
        let error = looks[0]["error"].as_str().unwrap();
        assert!(error.contains("/nowhere/port is not there"), "{error}");
    }
}

#[test]
fn a_count_is_for_json() {
    let output = atelier(&["watch", "--count", "1"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("--json"));
}
