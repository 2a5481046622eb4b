//! The migrations are compiled in: a changed one must recompile the crate.

fn main() {
    println!("cargo:rerun-if-changed=../migrations");
}
