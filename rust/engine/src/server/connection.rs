//! One client's connection: read a request, run it, write the reply.

use std::io::{self, Read, Write};

use super::patience::Patience;
use super::{State, Stream};
use crate::commands::{self, Outcome};
use crate::wire::{Header, Reply, Request};

/// Most requests fit here, so that one read brings all of them.
const BUFFER: usize = 64 * 1024;

/// What is known of the client at the other end.
#[derive(Debug)]
pub struct Client {
    /// The connection's number.
    pub id: i64,
    /// The server's address as the client reached it.
    pub server_address: String,
    /// The client's own address.
    pub address: String,
    /// The name the client gave itself in its first hello.
    pub app_name: Option<String>,
}

/// Bytes that came in, of which the first make up messages.
struct Incoming {
    buffer: Vec<u8>,
    filled: usize,
    used: usize,
}

/// Serves a client until it leaves or says something that can't be followed.
pub fn serve(state: &State, mut client: Client, stream: &mut Stream) {
    let mut incoming = Incoming {
        buffer: vec![0; BUFFER],
        filled: 0,
        used: 0,
    };
    let mut sent = 0;
    let mut patience = Patience::default();
    while let Ok(Some(header)) = incoming.next(stream) {
        let bytes = incoming.message();
        let Some(message) = answer(state, &mut client, header, bytes, &mut sent) else {
            return;
        };
        if !message.is_empty() && stream.write_all(&message).is_err() {
            return;
        }
        patience.wait(|| stream.has_more());
    }
}

/// The bytes to send; `None` where the connection is to be closed, and no
/// bytes where the client waits for none.
fn answer(
    state: &State,
    client: &mut Client,
    header: Header,
    bytes: &[u8],
    sent: &mut i32,
) -> Option<Vec<u8>> {
    *sent = sent.wrapping_add(1);
    let request = match Request::parse(header.opcode, bytes) {
        Ok(request) => request,
        Err(error) if error.code == 22 => {
            let mut reply = Reply::error(&error);
            reply.put("ok", 0.0);
            reply.finish();
            return Some(reply.message(header.request_id, *sent));
        }
        Err(_) => return None,
    };
    match commands::run(state, client, &request) {
        Outcome::Close => None,
        Outcome::Reply(_) if request.is_silent => Some(Vec::new()),
        Outcome::Reply(reply) if request.is_legacy => {
            Some(reply.legacy_message(header.request_id, *sent))
        }
        Outcome::Reply(reply) => Some(reply.message(header.request_id, *sent)),
    }
}

impl Incoming {
    /// Waits for the next whole message. `None` where the client has gone.
    fn next(&mut self, stream: &mut Stream) -> io::Result<Option<Header>> {
        self.forget_used();
        if !self.fill(stream, Header::SIZE)? {
            return Ok(None);
        }
        let mut head = [0; Header::SIZE];
        head.copy_from_slice(&self.buffer[..Header::SIZE]);
        let header = Header::parse(&head).map_err(io::Error::other)?;
        self.used = Header::SIZE + header.rest;
        Ok(self.fill(stream, self.used)?.then_some(header))
    }

    /// The message that `next` waited for, without its header.
    fn message(&self) -> &[u8] {
        &self.buffer[Header::SIZE..self.used]
    }

    fn forget_used(&mut self) {
        self.buffer.copy_within(self.used..self.filled, 0);
        self.filled -= self.used;
        self.used = 0;
        if self.buffer.len() > BUFFER && self.filled <= BUFFER {
            self.buffer.truncate(BUFFER);
            self.buffer.shrink_to_fit();
        }
    }

    fn fill(&mut self, stream: &mut Stream, wanted: usize) -> io::Result<bool> {
        while self.filled < wanted {
            // A header may promise 48 MB that never come: room is made for what does.
            if self.filled == self.buffer.len() {
                self.buffer.resize(wanted.min(2 * self.filled), 0);
            }
            match stream.read(&mut self.buffer[self.filled..]) {
                Ok(0) => return Ok(false),
                Ok(count) => self.filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }
}
