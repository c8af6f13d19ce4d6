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
    pub fn wait(&mut self, ready: impl FnMut() -> bool) {
        if self.rest > 0 {
            self.rest -= 1;
            return;
        }
        if TAKEN.swap(true, Ordering::Acquire) {
            return;
        }
        let until = Instant::now() + MOMENT;
        let came = came_before(ready, || Instant::now() >= until);
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

/// Whether `ready` said yes before the moment was `over`.
fn came_before(mut ready: impl FnMut() -> bool, mut over: impl FnMut() -> bool) -> bool {
    loop {
        if ready() {
            return true;
        }
        if over() {
            return false;
        }
        thread::yield_now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_within_the_moment_has_come() {
        let mut asked = 0;
        let third = || {
            asked += 1;
            asked == 3
        };

        assert!(came_before(third, || false));
        assert_eq!(3, asked);
    }

    #[test]
    fn what_does_not_come_is_asked_for_until_the_moment_is_over() {
        let mut looks = 0;
        let over = || {
            looks += 1;
            looks == 3
        };

        assert!(!came_before(|| false, over));
        assert_eq!(3, looks);
    }

    #[test]
    fn what_came_begins_the_count_anew() {
        let mut patience = Patience::default();

        for came in [false, false, false, true, false] {
            patience.learn(came);
        }

        assert_eq!(8, patience.rest);
    }

    #[test]
    fn what_never_comes_is_waited_for_ever_more_rarely() {
        let mut patience = Patience::default();
        let rests: Vec<u32> = (0..9)
            .map(|_| {
                patience.learn(false);
                patience.rest
            })
            .collect();

        assert_eq!(vec![8, 16, 32, 64, 128, 256, 512, 1024, 1024], rests);
    }
}
