//! Waiting for the next request without going to sleep, for a moment.
//!
//! To wake a sleeping thread takes longer than to answer most requests: about 50
//! microseconds on a virtual machine, whose idle processor has to be called back. A
//! client that asks one thing after the other sends its next request sooner than
//! that. So a connection looks at its socket again and again for a moment before it
//! sleeps; one connection at a time, and only while that has been worth it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Longer than it takes a quick client to go on; shorter than anybody notices.
const MOMENT: Duration = Duration::from_micros(60);
/// After so many vain waits in a row it is tried only rarely.
const MOST_MISSES: u32 = 8;

/// Whether some connection is looking at its socket now.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// What one connection knows of its client's pace.
#[derive(Debug, Default)]
pub struct Patience {
    misses: u32,
    rest: u32,
}

impl Patience {
    /// Asks `ready` until it says yes, a moment is over, or it is another
    /// connection's turn.
    pub fn wait(&mut self, mut ready: impl FnMut() -> bool) {
        if self.rest > 0 {
            self.rest -= 1;
            return;
        }
        if TAKEN.swap(true, Ordering::Acquire) {
            return;
        }
        let until = Instant::now() + MOMENT;
        let came = loop {
            if ready() {
                break true;
            }
            if Instant::now() >= until {
                break false;
            }
            thread::yield_now();
        };
        TAKEN.store(false, Ordering::Release);
        self.learn(came);
    }

    fn learn(&mut self, came: bool) {
        if came {
            self.misses = 0;
            return;
        }
        self.misses = (self.misses + 1).min(MOST_MISSES);
        self.rest = 4 << self.misses;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_soon_is_waited_for_each_time() {
        let mut patience = Patience::default();

        for _ in 0..3 {
            let mut asked = 0;
            patience.wait(|| {
                asked += 1;
                asked == 3
            });
            assert_eq!((3, 0), (asked, patience.rest));
        }
    }

    #[test]
    fn what_never_comes_is_waited_for_ever_more_rarely() {
        let mut patience = Patience::default();
        let mut tries = 0;

        for _ in 0..1000 {
            let before = patience.rest;
            patience.wait(|| false);
            tries += u32::from(before == 0);
        }

        assert!(tries < 12, "{tries}");
    }
}
