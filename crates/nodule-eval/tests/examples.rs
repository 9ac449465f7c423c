//! Runs the example program as a user would.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../examples/paired_runs/main.rs"]
#[allow(dead_code, reason = "the program has its own main")]
mod paired_runs;

fn run(arguments: &[&str]) -> String {
    let mut output = Vec::new();
    let arguments = arguments.iter().map(|a| (*a).to_owned());
    paired_runs::run(arguments, &mut output).unwrap();
    String::from_utf8(output).unwrap()
}

#[test]
fn the_example_supports_one_of_two_claims() {
    let output = run(&[]);
    let lines: Vec<_> = output.lines().collect();
    assert_eq!(lines[0], "claim,n,mean,low,high,dz,p,p_holm,holds");
    // Eight differences above 0: 2 of 2^8 flips are as extreme. Holm doubles p for two tests.
    assert!(
        lines[2].starts_with("joint beats cross-entropy,8,0.041"),
        "{output}"
    );
    assert!(lines[2].ends_with(",0.0078,0.0156,true"), "{output}");
    assert!(
        lines[1].starts_with("deeper beats shallower,8,0.001"),
        "{output}"
    );
    assert!(lines[1].ends_with(",false"), "{output}");
}

#[test]
fn a_file_of_the_user_is_evaluated() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.csv");
    std::fs::write(&file, "claim,seed,first,second\nmine,0,1.0,0.5\n").unwrap();
    let output = run(&[&file.to_string_lossy()]);
    // One pair has no interval.
    assert!(
        output.ends_with("mine,1,0.5000,none,none,none,1.0000,1.0000,false\n"),
        "{output}"
    );
}
