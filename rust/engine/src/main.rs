//! The engine alone, for whatever driver wants it.

use std::io::{Read, Write};
use std::process::ExitCode;

use mongolane_engine::{Engine, Options};

const USAGE: &str = "usage: mongolane-engine [--path DIR] [--host HOST] [--port N] [--unix PATH]";

fn main() -> ExitCode {
    let started = options(std::env::args().skip(1))
        .and_then(|options| Engine::start(options).map_err(|e| e.to_string()));
    match started {
        Ok(engine) => {
            println!("{}", engine.uri());
            let _ = std::io::stdout().flush();
            until_input_ends();
            engine.stop();
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// Whoever started the engine keeps its standard input open.
fn until_input_ends() {
    let mut buffer = [0; 256];
    while matches!(std::io::stdin().read(&mut buffer), Ok(count) if count > 0) {}
}

fn options(mut arguments: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options::default();
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or(USAGE)?;
        match name.as_str() {
            "--path" => options.path = Some(value.into()),
            "--host" => options.host = value,
            "--port" => options.port = value.parse().map_err(|_| USAGE)?,
            "--unix" => options.unix = Some(value.into()),
            _ => return Err(USAGE.to_owned()),
        }
    }
    Ok(options)
}
