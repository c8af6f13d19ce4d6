//! Start and stop: the threads around the state.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use parking_lot::Mutex;

use crate::server::{self, Client, Listener, State, Stream};
use crate::storage::Catalog;
use crate::{Error, Result};

/// Room for the deepest document and expression.
const STACK: usize = 8 * 1024 * 1024;

/// Where the data lies and where the server listens.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder to keep the data in; none keeps it in memory.
    pub path: Option<PathBuf>,
    /// The address to listen on.
    pub host: String,
    /// The port to listen on; zero chooses a free one.
    pub port: u16,
    /// A Unix socket to listen on, in place of TCP.
    pub unix: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            path: None,
            host: "127.0.0.1".to_owned(),
            port: 0,
            unix: None,
        }
    }
}

/// A running server. It stops when it is dropped.
#[derive(Debug)]
pub struct Engine {
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

#[derive(Debug)]
struct Shared {
    state: State,
    listener: Listener,
    clients: Mutex<Clients>,
}

#[derive(Debug, Default)]
struct Clients {
    last: i64,
    streams: HashMap<i64, Stream>,
    threads: Vec<JoinHandle<()>>,
}

impl Engine {
    /// Opens the data and listens.
    pub fn start(options: Options) -> Result<Self> {
        let catalog = match &options.path {
            Some(folder) => Catalog::open(folder)?,
            None => Catalog::in_memory(),
        };
        let listener = listen(&options)?;
        let state = State::new(catalog);
        let shared = Arc::new(Shared {
            state,
            listener,
            clients: Mutex::default(),
        });
        let (accepting, sweeping) = (Arc::clone(&shared), Arc::clone(&shared));
        let threads = vec![
            spawn("mongolane-accept", move || accept(&accepting))?,
            spawn("mongolane-sweep", move || server::sweep(&sweeping.state))?,
        ];
        Ok(Self {
            shared,
            threads: Mutex::new(threads),
        })
    }

    /// What a driver connects with.
    #[must_use]
    pub fn uri(&self) -> String {
        let address = self.shared.listener.address();
        format!("mongodb://{}/?directConnection=true", escape(&address))
    }

    /// The TCP port; `None` on a Unix socket.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.shared.listener.port()
    }

    /// Ends all connections and threads, and closes the folder. A second call
    /// does nothing.
    pub fn stop(&self) {
        let threads = std::mem::take(&mut *self.threads.lock());
        if threads.is_empty() {
            return;
        }
        self.shared.state.ask_to_stop();
        self.shared.listener.wake();
        for thread in threads {
            let _ = thread.join();
        }
        let clients = std::mem::take(&mut *self.shared.clients.lock());
        clients.streams.values().for_each(Stream::shut);
        for thread in clients.threads {
            let _ = thread.join();
        }
        self.shared.listener.vanish();
        if let Some(disk) = self.shared.state.catalog.disk() {
            disk.close();
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.stop();
    }
}

fn listen(options: &Options) -> Result<Listener> {
    let failed =
        |place: String| move |e| Error::new(9001, format!("cannot listen on {place}: {e}"));
    match &options.unix {
        #[cfg(unix)]
        Some(path) => Listener::unix(path).map_err(failed(path.display().to_string())),
        #[cfg(not(unix))]
        Some(_) => Err(Error::new(238, "this platform has no Unix sockets")),
        None => Listener::tcp(&options.host, options.port)
            .map_err(failed(format!("{}:{}", options.host, options.port))),
    }
}

/// A socket's file name has slashes, which a URI's host must not.
fn escape(address: &str) -> String {
    if !address.starts_with('/') {
        return address.to_owned();
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    address
        .bytes()
        .fold(String::new(), |text, byte| match plain(byte) {
            true => text + char::from(byte).encode_utf8(&mut [0; 4]),
            false => text + &format!("%{byte:02X}"),
        })
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    thread::Builder::new()
        .name(name.to_owned())
        .stack_size(STACK)
        .spawn(work)
        .map_err(|e| Error::new(1, format!("cannot start a thread: {e}")))
}

fn accept(shared: &Arc<Shared>) {
    while !shared.state.is_stopping() {
        match shared.listener.accept() {
            Ok(stream) if !shared.state.is_stopping() => {
                let _ = welcome(shared, stream);
            }
            Ok(_) => {}
            // Too many open files, say: give the others time to end.
            Err(_) => drop(shared.state.sleep(std::time::Duration::from_millis(20))),
        }
    }
}

fn welcome(shared: &Arc<Shared>, mut stream: Stream) -> Result<()> {
    let second = stream
        .try_clone()
        .map_err(|e| Error::new(9001, e.to_string()))?;
    let mut clients = shared.clients.lock();
    clients.last += 1;
    let id = clients.last;
    let client = Client {
        id,
        server_address: stream
            .local_address()
            .unwrap_or_else(|| shared.listener.address()),
        address: stream.peer_address(),
        app_name: None,
    };
    let owner = Arc::clone(shared);
    let thread = spawn("mongolane-client", move || {
        server::serve(&owner.state, client, &mut stream);
        stream.shut();
        owner.clients.lock().streams.remove(&id);
    })?;
    clients.streams.insert(id, second);
    clients.threads.retain(|thread| !thread.is_finished());
    clients.threads.push(thread);
    Ok(())
}
