//! The server's resident memory, as the kernel counts it.

use std::io;
use std::path::PathBuf;

use serde::Serialize;

/// Resident memory of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Memory {
    /// Now (`VmRSS`), in KiB.
    pub resident_kib: u64,
    /// The most so far (`VmHWM`), in KiB.
    pub peak_kib: u64,
}

impl Memory {
    /// Reads that of the process `pid`.
    pub fn of_process(pid: u32) -> io::Result<Self> {
        let path: PathBuf = ["/proc", &pid.to_string(), "status"].iter().collect();
        let status = std::fs::read_to_string(path)?;
        match (field(&status, "VmRSS:"), field(&status, "VmHWM:")) {
            (Some(resident_kib), Some(peak_kib)) => Ok(Self {
                resident_kib,
                peak_kib,
            }),
            _ => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the process has no resident memory: it has ended",
            )),
        }
    }
}

fn field(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find(|line| line.starts_with(name))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_by_their_whole_name() {
        let status = "Name:\tchancery\nVmHWM:\t   2048 kB\nVmRSS:\t   1024 kB\nRssAnon:\t 9 kB\n";
        assert_eq!(field(status, "VmRSS:"), Some(1024));
        assert_eq!(field(status, "VmHWM:"), Some(2048));
        assert_eq!(field(status, "VmSwap:"), None);
    }

    #[test]
    fn a_running_process_has_memory() {
        let memory = Memory::of_process(std::process::id()).unwrap();
        assert!(memory.resident_kib > 0 && memory.peak_kib >= memory.resident_kib);
    }
}
