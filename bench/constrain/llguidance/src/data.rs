//! The lines that are read and written.

use std::fs::File;
use std::io::{BufRead, BufReader};

use anyhow::Result;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A schema with its instances.
#[derive(Deserialize)]
pub struct Row {
    pub id: String,
    pub schema: Box<RawValue>,
    pub tests: Vec<Test>,
}

#[derive(Deserialize)]
pub struct Test {
    pub valid: bool,
    pub ids: Vec<u32>,
}

/// The first line of a result.
#[derive(Serialize)]
pub struct Opening {
    pub engine: &'static str,
    pub settings: &'static str,
    pub setup: u64,
    pub setup_memory: u64,
    pub clock: u64,
    pub call: u64,
}

/// The line of a schema.
#[derive(Serialize, Default)]
pub struct Measured {
    pub id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    pub parse: u64,
    pub compile: u64,
    pub compile_all: u64,
    pub first: u64,
    pub tests: Vec<Walk>,
    /// The same instances a second time, on the same grammar.
    pub again: Vec<Walk>,
}

/// One instance: times of a mask and of taking a token, up to where it was refused.
#[derive(Serialize, Default)]
pub struct Walk {
    pub accepted: bool,
    pub mask: Vec<u64>,
    pub accept: Vec<u64>,
}

/// The last line.
#[derive(Serialize)]
pub struct Ending {
    pub peak_memory: u64,
    pub thread: u64,
    pub process: u64,
}

pub fn read(path: &str) -> Result<impl Iterator<Item = Result<Row>>> {
    let lines = BufReader::new(File::open(path)?).lines();
    Ok(lines.map(|line| Ok(serde_json::from_str(&line?)?)))
}
