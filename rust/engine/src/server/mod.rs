//! What lives as long as the server: state that all connections share, the
//! connections themselves, and the threads that serve them.

mod clock;
mod connection;
mod cursors;
mod failpoint;
mod listener;
mod patience;
mod sessions;
mod sweeper;

use std::time::{Duration, Instant};

use mongolane_bson::Value;
use parking_lot::{Condvar, Mutex};

use crate::storage::Catalog;

pub use clock::Clock;
pub(crate) use clock::now_millis;
pub use connection::{Client, serve};
pub use cursors::{Cursor, Cursors};
pub use failpoint::{Effect, FailPoints};
pub use listener::{Listener, Stream};
pub use sessions::{Begin, Sessions};
pub use sweeper::sweep;

/// The name of the replica set that the server says it is.
pub const SET_NAME: &str = "mongolane";

/// What all connections share.
#[derive(Debug)]
pub struct State {
    /// The data.
    pub catalog: Catalog,
    /// Open cursors.
    pub cursors: Cursors,
    /// Sessions and the replies kept for retries.
    pub sessions: Sessions,
    /// What `configureFailPoint` set.
    pub fail_points: FailPoints,
    /// Cluster time.
    pub clock: Clock,
    /// Identifies this run of the server in `topologyVersion`.
    pub process: [u8; 12],
    /// When the server started.
    pub started: Instant,
    stop: Stop,
}

#[derive(Debug, Default)]
struct Stop {
    asked: Mutex<bool>,
    bell: Condvar,
}

impl State {
    /// The state of a server about to start.
    #[must_use]
    pub fn new(catalog: Catalog) -> Self {
        Self {
            catalog,
            cursors: Cursors::default(),
            sessions: Sessions::default(),
            fail_points: FailPoints::default(),
            clock: Clock::new(),
            process: new_object_id(),
            started: Instant::now(),
            stop: Stop::default(),
        }
    }

    /// Asks everything to end, and wakes whoever sleeps in [`State::sleep`].
    pub fn ask_to_stop(&self) {
        *self.stop.asked.lock() = true;
        self.stop.bell.notify_all();
    }

    /// Sleeps; false if the server is about to stop.
    pub fn sleep(&self, time: Duration) -> bool {
        let end = Instant::now() + time;
        let mut asked = self.stop.asked.lock();
        while !*asked {
            if self.stop.bell.wait_until(&mut asked, end).timed_out() {
                return !*asked;
            }
        }
        false
    }

    /// Whether it was asked to stop.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        *self.stop.asked.lock()
    }
}

/// A new ObjectId: seconds, then random bytes.
#[must_use]
pub fn new_object_id() -> [u8; 12] {
    let mut id = [0; 12];
    let seconds = (clock::now_millis() / 1000) as u32;
    id[..4].copy_from_slice(&seconds.to_be_bytes());
    id[4..].copy_from_slice(&fastrand::u64(..).to_be_bytes());
    id
}

/// Now, as a BSON date.
#[must_use]
pub fn now() -> Value {
    Value::DateTime(clock::now_millis())
}
