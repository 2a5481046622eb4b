//! The watchdog of the cluster that tests share, where nobody asks about processes that ended: they stay as zombies.
#![cfg(target_os = "linux")]

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use chancery_postgres::testing;

const WATCHDOG: &str = include_str!("../src/testing/watchdog.sh");

#[test]
fn the_watchdog_ends_though_the_postmaster_it_stopped_stays_as_a_zombie() {
    let dir = testing::data_dir();
    let dir = dir.path().canonicalize().unwrap();
    for made in ["postgres", "bin"] {
        fs::create_dir(dir.join(made)).unwrap();
    }
    for lock in ["users.lock", "start.lock"] {
        fs::write(dir.join(lock), "").unwrap();
    }
    // What stands for the postmaster is a child of ours, and we do not wait for it.
    let mut postmaster = Command::new("sleep")
        .arg("1000")
        .current_dir(dir.join("postgres"))
        .spawn()
        .unwrap();
    let file = dir.join("postgres/postmaster.pid");
    fs::write(&file, format!("{}\n", postmaster.id())).unwrap();
    // Its pauses are over at once.
    symlink("/bin/true", dir.join("bin/sleep")).unwrap();
    let path = format!("{}/bin:{}", dir.display(), std::env::var("PATH").unwrap());

    let watched = Command::new("timeout")
        .args(["60", "sh", "-c", WATCHDOG, "watchdog"])
        .current_dir(&dir)
        .env("PATH", path)
        .status()
        .unwrap();
    assert!(watched.success(), "{watched}");
    let status = fs::read_to_string(format!("/proc/{}/status", postmaster.id())).unwrap();
    assert!(status.contains("State:\tZ"), "{status}");
    postmaster.wait().unwrap();
}
