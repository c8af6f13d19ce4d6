//! Cluster time, as a replica set gives it in every reply.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use mongolane_bson::{Document, Value};

/// Seconds in the upper half and an increment in the lower.
#[derive(Debug)]
pub struct Clock(AtomicU64);

/// Milliseconds since 1970.
pub(crate) fn now_millis() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| d.as_millis() as i64)
}

fn now_seconds() -> u64 {
    (now_millis() / 1000) as u64
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock {
    /// A clock that starts now.
    #[must_use]
    pub fn new() -> Self {
        Self(AtomicU64::new(now_seconds() << 32 | 1))
    }

    /// Moves on, as every write does.
    pub fn tick(&self) -> Value {
        // The next one of the last second that was written in, or the first of this one.
        self.0.fetch_max(now_seconds() << 32, Ordering::Relaxed);
        timestamp(self.0.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// The time of the last write.
    #[must_use]
    pub fn time(&self) -> Value {
        timestamp(self.0.load(Ordering::Relaxed))
    }

    /// `$clusterTime` as drivers pass it around.
    #[must_use]
    pub fn gossip(&self) -> Document {
        let mut signature = Document::new();
        signature.push("hash", Value::Binary(0, vec![0; 20]));
        signature.push("keyId", 0i64);
        let mut gossip = Document::new();
        gossip.push("clusterTime", self.time());
        gossip.push("signature", signature);
        gossip
    }
}

fn timestamp(time: u64) -> Value {
    Value::Timestamp((time >> 32) as u32, time as u32)
}
