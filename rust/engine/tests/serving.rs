//! The engine from outside: its own Rust face and bare sockets.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::Instant;

use mongolane_bson::{Document, Value};
use mongolane_engine::{Engine, Options};

fn document(fields: &[(&str, Value)]) -> Document {
    fields
        .iter()
        .map(|(key, value)| ((*key).to_owned(), value.clone()))
        .collect()
}

fn ask(stream: &mut TcpStream, command: &Document) -> Document {
    let body = command.to_bytes();
    let mut message = Vec::new();
    for word in [21 + body.len() as i32, 1, 0, 2013, 0] {
        message.extend_from_slice(&word.to_le_bytes());
    }
    message.push(0);
    message.extend_from_slice(&body);
    stream.write_all(&message).unwrap();
    let mut size = [0; 4];
    stream.read_exact(&mut size).unwrap();
    let mut rest = vec![0; i32::from_le_bytes(size) as usize - 4];
    stream.read_exact(&mut rest).unwrap();
    Document::from_bytes(&rest[17..]).unwrap()
}

fn connect(engine: &Engine) -> TcpStream {
    TcpStream::connect(("127.0.0.1", engine.port().unwrap())).unwrap()
}

fn insert(stream: &mut TcpStream, id: i32) -> Document {
    let documents = Value::Array(vec![Value::Document(document(&[(
        "_id",
        Value::Int32(id),
    )]))]);
    let command = [
        ("insert", Value::from("c")),
        ("documents", documents),
        ("$db", Value::from("t")),
    ];
    ask(stream, &document(&command))
}

fn count(stream: &mut TcpStream) -> Option<Value> {
    let command = [("count", Value::from("c")), ("$db", Value::from("t"))];
    ask(stream, &document(&command)).get("n").cloned()
}

/// A folder of one test's own, which goes with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let name = format!("mongolane-{name}-{}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }

    fn options(&self) -> Options {
        Options {
            path: Some(self.0.clone()),
            ..Options::default()
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_stop_ends_clients_and_threads() {
    let engine = Engine::start(Options::default()).unwrap();
    let mut stream = connect(&engine);
    assert_eq!(Some(&Value::Int32(1)), insert(&mut stream, 1).get("n"));
    let start = Instant::now();
    engine.stop();
    engine.stop();

    assert!(start.elapsed().as_secs() < 2);
    assert_eq!(0, stream.read(&mut [0; 1]).unwrap_or(0));
}

#[test]
fn a_folder_keeps_its_documents() {
    let folder = Folder::new("keeps");
    for round in 1..=3 {
        let engine = Engine::start(folder.options()).unwrap();
        let mut stream = connect(&engine);
        insert(&mut stream, round);

        assert_eq!(Some(Value::Int32(round)), count(&mut stream));
    }
}

#[test]
fn a_folder_in_use_is_refused() {
    let folder = Folder::new("used");
    let _engine = Engine::start(folder.options()).unwrap();
    let error = Engine::start(folder.options()).unwrap_err();

    assert_eq!(98, error.code);
    assert!(error.message.contains("in use"), "{error}");
}

#[test]
fn a_port_in_use_is_refused() {
    let engine = Engine::start(Options::default()).unwrap();
    let options = Options {
        port: engine.port().unwrap(),
        ..Options::default()
    };
    let error = Engine::start(options).unwrap_err();

    assert!(
        error.message.contains("cannot listen on 127.0.0.1:"),
        "{error}"
    );
}

#[test]
fn the_uri_says_where() {
    let engine = Engine::start(Options::default()).unwrap();
    let port = engine.port().unwrap();

    assert_eq!(
        format!("mongodb://127.0.0.1:{port}/?directConnection=true"),
        engine.uri()
    );
}

#[cfg(unix)]
#[test]
fn a_unix_sockets_uri_is_escaped() {
    let path = std::env::temp_dir().join(format!("mongolane-{}.sock", std::process::id()));
    let options = Options {
        unix: Some(path.clone()),
        ..Options::default()
    };
    let engine = Engine::start(options).unwrap();

    assert!(
        engine.uri().starts_with("mongodb://%2F"),
        "{}",
        engine.uri()
    );
    engine.stop();
    drop(engine);
    assert!(!path.exists());
}
