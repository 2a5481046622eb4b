//! The lines of a file, read by one thread while others make links of them.

use std::collections::VecDeque;
use std::io::{BufRead, Read};
use std::sync::mpsc;
use std::thread;

use super::line;
use crate::verify::Link;

/// No event's line is longer.
const LINE_LIMIT: u64 = 64 << 20;
/// So many bytes of lines, or one line more, are in one pair of hands at a time.
const BATCH: usize = 1 << 20;

/// Lines with their line feeds.
pub(super) struct Lines<R> {
    file: R,
    number: u64,
}

/// Why a line has no link.
pub(super) enum Unlinked {
    /// The file ends within it.
    CutOff,
    /// It is no event's, for this reason.
    Damaged(String),
}

/// What was made of some lines.
pub(super) struct LinkedBatch {
    /// The number of the first, from 1.
    pub first_line: u64,
    pub links: Vec<Result<Link, Unlinked>>,
}

struct Batch {
    first_line: u64,
    text: Vec<u8>,
}

struct Worker {
    batches: mpsc::SyncSender<Batch>,
    linked: mpsc::Receiver<LinkedBatch>,
}

impl<R: BufRead> Lines<R> {
    pub fn new(file: R) -> Self {
        Self { file, number: 0 }
    }

    pub fn next(&mut self) -> Result<Option<Vec<u8>>, std::io::Error> {
        let mut line = Vec::new();
        Ok(self.append(&mut line)?.then_some(line))
    }

    fn append(&mut self, text: &mut Vec<u8>) -> Result<bool, std::io::Error> {
        let read = (&mut self.file).take(LINE_LIMIT).read_until(b'\n', text)?;
        self.number += u64::from(read > 0);
        Ok(read > 0)
    }

    fn batch(&mut self) -> Result<Option<Batch>, std::io::Error> {
        let first_line = self.number + 1;
        let mut text = Vec::with_capacity(BATCH + BATCH / 16);
        while text.len() < BATCH && self.append(&mut text)? {}
        Ok((!text.is_empty()).then_some(Batch { first_line, text }))
    }

    /// Gives `check` what is made of all further lines, in their order, until it fails.
    pub fn for_each_batch<E: From<std::io::Error>>(
        &mut self,
        mut check: impl FnMut(LinkedBatch) -> Result<(), E>,
    ) -> Result<(), E> {
        let parallel = thread::available_parallelism().map_or(1, std::num::NonZero::get);
        thread::scope(|scope| {
            let mut idle: VecDeque<Worker> = (0..parallel).map(|_| Worker::start(scope)).collect();
            let mut busy = VecDeque::with_capacity(parallel);
            let mut end = None;
            loop {
                while end.is_none() {
                    let Some(worker) = idle.pop_front() else {
                        break;
                    };
                    match self.batch() {
                        Ok(Some(batch)) => {
                            // Where it panicked, its links never come.
                            let _ = worker.batches.send(batch);
                            busy.push_back(worker);
                        }
                        Ok(None) => end = Some(Ok(())),
                        Err(error) => end = Some(Err(error)),
                    }
                }
                let Some(worker) = busy.pop_front() else {
                    // What was read before comes first: it tells more than that the rest cannot be read.
                    return end.unwrap_or(Ok(())).map_err(E::from);
                };
                let Ok(linked) = worker.linked.recv() else {
                    // The scope passes the panic on.
                    return Ok(());
                };
                idle.push_back(worker);
                check(linked)?;
            }
        })
    }
}

impl Worker {
    fn start<'scope>(scope: &'scope thread::Scope<'scope, '_>) -> Self {
        let (batches, todo) = mpsc::sync_channel::<Batch>(1);
        let (done, linked) = mpsc::sync_channel(1);
        scope.spawn(move || {
            let mut room = Vec::with_capacity(2048);
            for batch in todo {
                if done.send(batch.linked(&mut room)).is_err() {
                    return;
                }
            }
        });
        Self { batches, linked }
    }
}

impl Batch {
    fn linked(&self, room: &mut Vec<u8>) -> LinkedBatch {
        let link = |line: &[u8]| match line.strip_suffix(b"\n") {
            Some(text) => line::link(text, room).map_err(Unlinked::Damaged),
            None => Err(Unlinked::CutOff),
        };
        LinkedBatch {
            first_line: self.first_line,
            links: self
                .text
                .split_inclusive(|byte| *byte == b'\n')
                .map(link)
                .collect(),
        }
    }
}
