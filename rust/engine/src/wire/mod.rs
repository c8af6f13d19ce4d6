//! Bytes to requests and replies to bytes: OP_MSG, and the OP_QUERY of a
//! driver's first hello. No sockets here.

mod message;
mod reply;

pub use message::{Header, MAX_MESSAGE, Request};
pub use reply::Reply;
