//! Bounded reading of text files named by the user.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use crate::Error;
use crate::error::{file_content, read_error};

/// Returns the text of a file of at most `max_bytes`.
///
/// # Errors
/// If the path is not a regular file (a pipe or a device might never end), or the file is larger, unreadable or not
/// UTF-8. The message names the file.
pub(crate) fn read_text(path: &Path, max_bytes: u64) -> Result<String, Error> {
    let place = path.to_string_lossy();
    // Checked before opening: opening a pipe without a writer blocks.
    let metadata = fs::metadata(path).map_err(read_error(path))?;
    if metadata.is_dir() {
        return Err(file_content(&place, "is a folder: must be a file"));
    }
    if !metadata.is_file() {
        let reason = "is a pipe or a device: must be a regular file";
        return Err(file_content(&place, reason));
    }
    let file = File::open(path).map_err(read_error(path))?;
    let mut bytes = Vec::new();
    // The reported size is not reliable: the file may grow, or report no size.
    file.take(max_bytes + 1)
        .read_to_end(&mut bytes)
        .map_err(read_error(path))?;
    if bytes.len() as u64 > max_bytes {
        let reason = format!("is larger than {} MiB, the maximum", max_bytes / (1 << 20));
        return Err(file_content(&place, reason));
    }
    String::from_utf8(bytes).map_err(|error| {
        let start = error.utf8_error().valid_up_to();
        let line_breaks = error.as_bytes()[..start].iter().filter(|b| **b == b'\n');
        let line = line_breaks.count() + 1;
        file_content(
            &place,
            format!("line {line} is not UTF-8 text (byte {start})"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: u64 = 1 << 20;

    #[test]
    fn rejects_large_files_folders_and_other_encodings() {
        let folder = tempfile::tempdir().unwrap();
        let error = |path: &Path| read_text(path, MAX).unwrap_err().to_string();
        let file = folder.path().join("file");
        fs::write(&file, "a".repeat(1 << 20)).unwrap();
        assert_eq!(read_text(&file, MAX).unwrap().len(), 1 << 20);
        fs::write(&file, "a".repeat((1 << 20) + 1)).unwrap();
        assert!(error(&file).contains("larger than 1 MiB"));
        fs::write(&file, b"a\nb\xff").unwrap();
        assert!(error(&file).contains("file: line 2 is not UTF-8 text (byte 3)"));
        assert!(error(folder.path()).contains("is a folder"));
        assert!(error(&folder.path().join("absent")).contains("absent"));
    }

    #[cfg(unix)]
    #[test]
    fn rejects_pipes_and_devices_without_opening_them() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let status = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(status.unwrap().success());
        for path in [pipe.as_path(), Path::new("/dev/zero")] {
            let message = read_text(path, MAX).unwrap_err().to_string();
            assert!(message.contains("a pipe or a device"), "{message}");
        }
    }
}
