//! The listening socket, TCP or Unix, and the streams it gives.

use std::fs;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
#[cfg(unix)]
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

/// A listening socket.
#[derive(Debug)]
pub enum Listener {
    /// TCP.
    Tcp(TcpListener),
    /// A Unix socket, and its file, which goes with it.
    #[cfg(unix)]
    Unix(UnixListener, PathBuf),
}

/// One client's stream.
#[derive(Debug)]
pub enum Stream {
    /// TCP.
    Tcp(TcpStream),
    /// A Unix socket.
    #[cfg(unix)]
    Unix(UnixStream),
}

impl Listener {
    /// Listens on a TCP port; zero chooses a free one.
    pub fn tcp(host: &str, port: u16) -> io::Result<Self> {
        TcpListener::bind((host, port)).map(Self::Tcp)
    }

    /// Listens on a Unix socket. A file that a dead engine left there is
    /// replaced, a living one's is not.
    #[cfg(unix)]
    pub fn unix(path: &Path) -> io::Result<Self> {
        if path.exists() {
            if UnixStream::connect(path).is_ok() {
                return Err(io::Error::new(
                    io::ErrorKind::AddrInUse,
                    "another engine listens there",
                ));
            }
            fs::remove_file(path)?;
        }
        Ok(Self::Unix(UnixListener::bind(path)?, path.to_owned()))
    }

    /// The next client.
    pub fn accept(&self) -> io::Result<Stream> {
        match self {
            Self::Tcp(listener) => {
                let (stream, _) = listener.accept()?;
                stream.set_nodelay(true)?;
                Ok(Stream::Tcp(stream))
            }
            #[cfg(unix)]
            Self::Unix(listener, _) => listener.accept().map(|(stream, _)| Stream::Unix(stream)),
        }
    }

    /// Makes a waiting [`Listener::accept`] return.
    pub fn wake(&self) {
        match self {
            Self::Tcp(listener) => {
                let _ = listener.local_addr().and_then(TcpStream::connect);
            }
            #[cfg(unix)]
            Self::Unix(_, path) => {
                let _ = UnixStream::connect(path);
            }
        }
    }

    /// Removes the socket's file. Once only: soon it may be another engine's.
    pub fn vanish(&self) {
        #[cfg(unix)]
        if let Self::Unix(_, path) = self {
            let _ = fs::remove_file(path);
        }
    }

    /// Where it listens: `host:port`, or the socket's file.
    pub fn address(&self) -> String {
        match self {
            Self::Tcp(listener) => listener
                .local_addr()
                .map(|a| a.to_string())
                .unwrap_or_default(),
            #[cfg(unix)]
            Self::Unix(_, path) => path.display().to_string(),
        }
    }

    /// The TCP port.
    pub fn port(&self) -> Option<u16> {
        match self {
            Self::Tcp(listener) => listener.local_addr().ok().map(|a| a.port()),
            #[cfg(unix)]
            Self::Unix(..) => None,
        }
    }
}

impl Stream {
    /// A second handle to the same stream.
    pub fn try_clone(&self) -> io::Result<Self> {
        match self {
            Self::Tcp(stream) => stream.try_clone().map(Self::Tcp),
            #[cfg(unix)]
            Self::Unix(stream) => stream.try_clone().map(Self::Unix),
        }
    }

    /// Whether a read would not have to wait. Where that can't be asked: yes.
    pub fn has_more(&self) -> bool {
        #[cfg(unix)]
        {
            use rustix::net::{RecvFlags, recv};
            let mut byte = [0];
            let flags = RecvFlags::DONTWAIT | RecvFlags::PEEK;
            let asked = match self {
                Self::Tcp(stream) => recv(stream, &mut byte, flags),
                Self::Unix(stream) => recv(stream, &mut byte, flags),
            };
            asked != Err(rustix::io::Errno::AGAIN)
        }
        #[cfg(not(unix))]
        true
    }

    /// Ends the stream in both directions; a waiting read returns.
    pub fn shut(&self) {
        let _ = match self {
            Self::Tcp(stream) => stream.shutdown(Shutdown::Both),
            #[cfg(unix)]
            Self::Unix(stream) => stream.shutdown(Shutdown::Both),
        };
    }

    /// The server's address as this client reached it.
    pub fn local_address(&self) -> Option<String> {
        match self {
            Self::Tcp(stream) => stream.local_addr().ok().map(|a| a.to_string()),
            #[cfg(unix)]
            Self::Unix(stream) => {
                let address = stream.local_addr().ok()?;
                Some(address.as_pathname()?.display().to_string())
            }
        }
    }

    /// The client's address.
    pub fn peer_address(&self) -> String {
        match self {
            Self::Tcp(stream) => stream
                .peer_addr()
                .map(|a| a.to_string())
                .unwrap_or_default(),
            #[cfg(unix)]
            Self::Unix(_) => "anonymous unix socket".to_owned(),
        }
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.read(buffer),
            #[cfg(unix)]
            Self::Unix(stream) => stream.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.write(bytes),
            #[cfg(unix)]
            Self::Unix(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
