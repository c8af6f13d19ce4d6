//! Sessions, as far as retryable writes need them.
//!
//! The last reply of each session is kept under its `txnNumber`. A write that
//! comes again with the same number gets that reply, and isn't done twice.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mongolane_bson::{Document, Value};
use parking_lot::{ArcMutexGuard, Mutex, RawMutex};

use crate::wire::Reply;
use crate::{Error, Result};

/// `logicalSessionTimeoutMinutes`.
pub const TIMEOUT_MINUTES: i32 = 30;

type Id = Vec<u8>;

/// The last retryable write of a session.
#[derive(Debug)]
pub struct Session {
    number: i64,
    reply: Option<Reply>,
    touched: Instant,
}

/// A session while its write is running: nobody else can have it.
pub type Held = ArcMutexGuard<RawMutex, Session>;

/// How a retryable write begins.
pub enum Begin {
    /// It was done already, with this reply.
    Done(Reply),
    /// It is to be done, and its reply recorded with [`Sessions::record`].
    Run(Held),
}

/// All sessions with a retryable write.
#[derive(Debug, Default)]
pub struct Sessions(Mutex<HashMap<Id, Arc<Mutex<Session>>>>);

impl Sessions {
    /// The identity in an `lsid`.
    pub fn id(lsid: &Document) -> Result<Id> {
        match lsid.get("id") {
            Some(Value::Binary(4, id)) if id.len() == 16 => Ok(id.clone()),
            _ => Err(Error::new(14, "lsid.id has to be a UUID")),
        }
    }

    /// Begins the write `number` of a session.
    pub fn begin(&self, lsid: &Document, number: i64) -> Result<Begin> {
        let session = {
            let mut sessions = self.0.lock();
            let fresh = || {
                Arc::new(Mutex::new(Session {
                    number: -1,
                    reply: None,
                    touched: Instant::now(),
                }))
            };
            Arc::clone(sessions.entry(Self::id(lsid)?).or_insert_with(fresh))
        };
        let mut held = session.lock_arc();
        held.touched = Instant::now();
        if number < held.number {
            return Err(Error::new(
                225,
                format!(
                    "txnNumber {number} is older than {} in the same session",
                    held.number
                ),
            ));
        }
        if number == held.number
            && let Some(reply) = &held.reply
        {
            return Ok(Begin::Done(reply.clone()));
        }
        (held.number, held.reply) = (number, None);
        Ok(Begin::Run(held))
    }

    /// Records what was answered.
    pub fn record(held: &mut Held, reply: &Reply) {
        held.reply = Some(reply.clone());
    }

    /// Forgets sessions that the client ended.
    pub fn end(&self, lsid: &Document) -> Result<()> {
        let id = Self::id(lsid)?;
        self.0.lock().remove(&id);
        Ok(())
    }

    /// Forgets sessions that were not used in a long time.
    pub fn sweep(&self) {
        let limit = Duration::from_secs(TIMEOUT_MINUTES as u64 * 60);
        self.0.lock().retain(|_, session| match session.try_lock() {
            Some(session) => session.touched.elapsed() < limit,
            None => true,
        });
    }
}
