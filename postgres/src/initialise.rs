//! Makes a cluster, and writes its settings.

use std::{
    ffi::OsStr,
    fs,
    io::{self, Write},
    os::unix::fs::DirBuilderExt,
    path::Path,
    time::Duration,
};

use tokio::time::{Instant, sleep};

use crate::{
    StartError,
    cluster::{Cluster, NAME},
};

const SETTINGS: &str = include_str!("chancery.conf");
const DISPOSABLE_SETTINGS: &str = include_str!("disposable.conf");
const LINUX_SETTINGS: &str = include_str!("linux.conf");

/// Who may enter the socket's directory may do everything, a backup (`pg_basebackup`) included; nobody else connects.
const ACCESS: &str = "local all all trust\nlocal replication all trust\n";

/// Prefix of the directories in which a cluster is made before it gets its name.
const UNFINISHED: &str = "postgres.unfinished-";

/// An `initdb` whose files were removed is at its end within so long.
const INITDB_ENDS_WITHIN: Duration = Duration::from_secs(30);
const REMOVE_AGAIN: Duration = Duration::from_millis(50);

/// Makes the cluster: in a directory with another name, which is renamed when all is written, so that a process killed
/// half-way leaves nothing that looks like a cluster. Call under the start lock.
pub(crate) async fn cluster(cluster: &Cluster) -> Result<(), StartError> {
    remove_unfinished(cluster.data_dir()).await?;
    let staging = cluster
        .data_dir()
        .join(format!("{UNFINISHED}{}", std::process::id()));
    fs::DirBuilder::new()
        .mode(0o700)
        .create(&staging)
        .map_err(StartError::io("create", &staging))?;
    cluster.identity.give(&staging)?;
    tracing::info!(dir = %cluster.data().display(), version = cluster.binaries.major(), "making a PostgreSQL cluster");

    let initdb = cluster.binaries.initdb();
    let mut command = cluster.identity.command(&initdb, Path::new("/"));
    command
        .args([
            "--encoding=UTF8",
            "--locale=C",
            "--auth=trust",
            "--data-checksums",
        ])
        .arg("--username")
        .arg(NAME)
        .arg("--pgdata")
        .arg(&staging);
    if !cluster.durable() {
        command.arg("--no-sync");
    }
    let output = command.output().await.map_err(|source| StartError::Run {
        program: initdb,
        user: cluster.identity.name().to_owned(),
        source,
    })?;
    if !output.status.success() {
        let printed = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(StartError::Initdb {
            output: format!("{} {printed}", output.status),
        });
    }

    let access = staging.join("pg_hba.conf");
    fs::write(&access, ACCESS).map_err(StartError::io("write", &access))?;
    write_settings(cluster, &staging)?;
    let main = staging.join("postgresql.conf");
    fs::OpenOptions::new()
        .append(true)
        .open(&main)
        .and_then(|mut file| {
            file.write_all(
                b"\ninclude = 'chancery.conf'\n# Your own settings go below this line.\n",
            )?;
            file.sync_all()
        })
        .map_err(StartError::io("write", &main))?;

    let data = cluster.data();
    fs::rename(&staging, &data).map_err(StartError::io("create", &data))?;
    fs::File::open(cluster.data_dir())
        .and_then(|dir| dir.sync_all())
        .map_err(StartError::io("write", cluster.data_dir()))
}

/// Writes this version's settings into the cluster in `data`.
pub(crate) fn write_settings(cluster: &Cluster, data: &Path) -> Result<(), StartError> {
    let mut text = SETTINGS.to_owned();
    if cfg!(target_os = "linux") {
        text.push_str(LINUX_SETTINGS);
    }
    if !cluster.durable() {
        text.push_str(DISPOSABLE_SETTINGS);
    }
    let file = data.join("chancery.conf");
    fs::write(&file, text).map_err(StartError::io("write", &file))?;
    cluster.identity.give(&file)
}

async fn remove_unfinished(data_dir: &Path) -> Result<(), StartError> {
    let read = || StartError::io("read", data_dir);
    for entry in data_dir.read_dir().map_err(read())? {
        let path = entry.map_err(read())?.path();
        let unfinished = path
            .file_name()
            .and_then(OsStr::to_str)
            .is_some_and(|name| name.starts_with(UNFINISHED));
        if unfinished {
            remove(&path)
                .await
                .map_err(StartError::io("remove", &path))?;
        }
    }
    Ok(())
}

/// Removes what a killed start was making. Its `initdb` may live on and write there, until it finds its files gone.
async fn remove(unfinished: &Path) -> io::Result<()> {
    let deadline = Instant::now() + INITDB_ENDS_WITHIN;
    loop {
        match fs::remove_dir_all(unfinished) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error)
                if error.kind() == io::ErrorKind::DirectoryNotEmpty
                    && Instant::now() < deadline =>
            {
                sleep(REMOVE_AGAIN).await;
            }
            removed => return removed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_a_killed_start_was_making_is_removed_though_somebody_still_writes_there() {
        let parent = crate::testing::data_dir();
        let unfinished = parent.path().join("postgres.unfinished-1");
        fs::create_dir(&unfinished).unwrap();
        let dir = unfinished.clone();
        let writer = std::thread::spawn(move || {
            let written = (0..20_000).map(|number| fs::write(dir.join(number.to_string()), ""));
            written.take_while(Result::is_ok).count()
        });
        while fs::read_dir(&unfinished).unwrap().next().is_none() {}
        remove_unfinished(parent.path()).await.unwrap();
        assert!(!unfinished.exists());
        assert!(writer.join().unwrap() > 0);
    }
}
