//! The program.

use std::process::ExitCode;

/// A request makes hundreds of small allocations; the system's allocator was a third of the server's processor time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    chancery::cli::main()
}
