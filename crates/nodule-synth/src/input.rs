//! Reading a text file that somebody names: never without end, and never more than allowed.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use crate::Error;
use crate::error::{read_error, syntax};

/// The text of a file of at most `most` bytes.
///
/// # Errors
/// If it is no regular file (a pipe or a device might never end), is larger, cannot be read or is
/// not UTF-8: the message names the file.
pub(crate) fn read_text(path: &Path, most: u64) -> Result<String, Error> {
    let place = path.to_string_lossy();
    // Asked before it is opened: to open a pipe that nobody writes to waits for ever.
    let kind = fs::metadata(path).map_err(read_error(path))?;
    if kind.is_dir() {
        return Err(syntax(&place, "is a folder: must be a file"));
    }
    if !kind.is_file() {
        let reason = "is a pipe or a device: must be a file, with an end";
        return Err(syntax(&place, reason));
    }
    let file = File::open(path).map_err(read_error(path))?;
    let mut bytes = Vec::new();
    // The size that the system tells is not to be trusted: the file may grow, or tell none.
    let mut bounded = file.take(most + 1);
    bounded.read_to_end(&mut bytes).map_err(read_error(path))?;
    if bytes.len() as u64 > most {
        let reason = format!(
            "is larger than {} MiB, the most that is read",
            most / (1 << 20)
        );
        return Err(syntax(&place, reason));
    }
    String::from_utf8(bytes).map_err(|error| {
        let start = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..start]
            .iter()
            .filter(|b| **b == b'\n')
            .count();
        syntax(
            &place,
            format!("line {} is not UTF-8 text (byte {start})", line + 1),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: u64 = 1 << 20;

    #[test]
    fn what_is_no_bounded_text_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let refused = |path: &Path| read_text(path, MOST).unwrap_err().to_string();
        let file = folder.path().join("file");
        fs::write(&file, "a".repeat(1 << 20)).unwrap();
        assert_eq!(read_text(&file, MOST).unwrap().len(), 1 << 20);
        fs::write(&file, "a".repeat((1 << 20) + 1)).unwrap();
        assert!(refused(&file).contains("larger than 1 MiB"));
        fs::write(&file, b"a\nb\xff").unwrap();
        assert!(refused(&file).contains("file: line 2 is not UTF-8 text (byte 3)"));
        assert!(refused(folder.path()).contains("is a folder"));
        assert!(refused(&folder.path().join("absent")).contains("absent"));
    }

    #[cfg(unix)]
    #[test]
    fn pipes_and_devices_are_refused_unopened() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        for path in [pipe.as_path(), Path::new("/dev/zero")] {
            let message = read_text(path, MOST).unwrap_err().to_string();
            assert!(message.contains("a pipe or a device"), "{message}");
        }
    }
}
