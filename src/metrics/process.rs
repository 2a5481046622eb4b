//! The process, under the names that Prometheus' own clients use.

use std::fmt;

use chrono::{DateTime, Utc};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

/// This process, which was started at a time.
#[derive(Debug)]
pub struct Process {
    pub started: DateTime<Utc>,
}

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        let started = ConstGauge::new(self.started.timestamp());
        show(
            &mut encoder,
            "process_start_time_seconds",
            "When the process was started, in seconds since 1970",
            &started,
        )?;
        usage::encode(&mut encoder)
    }
}

fn show(
    encoder: &mut DescriptorEncoder,
    name: &str,
    help: &str,
    metric: &impl EncodeMetric,
) -> fmt::Result {
    metric.encode(encoder.encode_descriptor(name, help, None, metric.metric_type())?)
}

#[cfg(target_os = "linux")]
mod usage {
    use procfs::process::{LimitValue, Process};

    use super::{ConstCounter, ConstGauge, DescriptorEncoder, fmt, show};

    /// What the system says of the process. What cannot be read is left out.
    pub fn encode(encoder: &mut DescriptorEncoder) -> fmt::Result {
        let Ok(process) = Process::myself() else {
            return Ok(());
        };
        if let Ok(stat) = process.stat() {
            let ticks = u32::try_from(stat.utime + stat.stime).unwrap_or(u32::MAX);
            let per_second = u32::try_from(procfs::ticks_per_second()).unwrap_or(100);
            let seconds = f64::from(ticks) / f64::from(per_second);
            let counter = ConstCounter::new(seconds);
            let help = "Processor time, user and system, in seconds";
            show(encoder, "process_cpu_seconds", help, &counter)?;
            let resident = stat.rss * procfs::page_size();
            let help = "Resident memory, in bytes";
            gauge(encoder, "process_resident_memory_bytes", help, resident)?;
            let threads = u64::try_from(stat.num_threads).unwrap_or_default();
            gauge(encoder, "process_threads", "Threads", threads)?;
        }
        if let Ok(open) = process.fd_count() {
            let open = u64::try_from(open).unwrap_or(u64::MAX);
            gauge(encoder, "process_open_fds", "Open files", open)?;
        }
        if let Ok(limits) = process.limits()
            && let LimitValue::Value(files) = limits.max_open_files.soft_limit
        {
            let help = "Files that may be open";
            gauge(encoder, "process_max_fds", help, files)?;
        }
        Ok(())
    }

    fn gauge(encoder: &mut DescriptorEncoder, name: &str, help: &str, value: u64) -> fmt::Result {
        let value = i64::try_from(value).unwrap_or(i64::MAX);
        show(encoder, name, help, &ConstGauge::new(value))
    }
}

#[cfg(not(target_os = "linux"))]
mod usage {
    use super::{DescriptorEncoder, fmt};

    /// Only Linux says how a process does.
    pub fn encode(_: &mut DescriptorEncoder) -> fmt::Result {
        Ok(())
    }
}
