//! The example program, run as its reader would.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../examples/paired_runs/main.rs"]
#[allow(dead_code, reason = "the program has a main of its own")]
mod paired_runs;

fn said(arguments: &[&str]) -> String {
    let mut said = Vec::new();
    let arguments = arguments.iter().map(|a| (*a).to_owned());
    paired_runs::run(arguments, &mut said).unwrap();
    String::from_utf8(said).unwrap()
}

#[test]
fn the_claim_that_holds_is_told_from_the_one_that_does_not() {
    let said = said(&[]);
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(lines[0], "claim,n,mean,low,high,dz,p,p_holm,holds");
    // Eight differences above 0: 2 of 2^8 flips are as far out, and there are two tests.
    assert!(
        lines[2].starts_with("joint beats cross-entropy,8,0.041"),
        "{said}"
    );
    assert!(lines[2].ends_with(",0.0078,0.0156,true"), "{said}");
    assert!(
        lines[1].starts_with("deeper beats shallower,8,0.001"),
        "{said}"
    );
    assert!(lines[1].ends_with(",false"), "{said}");
}

#[test]
fn a_file_of_ones_own_is_judged() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.csv");
    std::fs::write(&file, "claim,seed,first,second\nmine,0,1.0,0.5\n").unwrap();
    let said = said(&[&file.to_string_lossy()]);
    // One pair says nothing of another seed.
    assert!(
        said.ends_with("mine,1,0.5000,none,none,none,1.0000,1.0000,false\n"),
        "{said}"
    );
}
