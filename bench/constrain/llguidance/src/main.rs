//! Times llguidance for the benchmark: `masks VOCABULARY DATA OUT [MASKS]`.
//!
//! VOCABULARY is o200k_base in tiktoken's form, DATA has a schema with instances and their tokens a line. What is written
//! to OUT, and to MASKS, is described in ../README.md under "Drivers". All times are CPU time in nanoseconds.

mod clock;
mod data;
mod vocabulary;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::panic::{catch_unwind, AssertUnwindSafe};

use anyhow::{bail, Result};
use llguidance::{api::TopLevelGrammar, Matcher, ParserFactory};
use toktrie::SimpleVob;

use data::{Ending, Measured, Opening, Row, Walk};

/// How many states of a schema's first valid instance MASKS holds.
const STATES: usize = 24;

struct Driver {
    factory: ParserFactory,
    out: BufWriter<File>,
    masks: Option<BufWriter<File>>,
}

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args.len() < 3 || args.len() > 4 {
        bail!("usage: masks VOCABULARY DATA OUT [MASKS]");
    }
    // A panic in the peer is a refusal and is counted as one.
    std::panic::set_hook(Box::new(|_| {}));
    let words = vocabulary::read(&args[0])?;
    let resident = clock::resident();
    let start = clock::thread();
    let factory = vocabulary::factory(&words)?;
    let setup = clock::thread() - start;
    let grown = clock::resident().saturating_sub(resident);
    drop(words);

    let mut driver = Driver {
        factory,
        out: BufWriter::new(File::create(&args[2])?),
        masks: args
            .get(3)
            .map(File::create)
            .transpose()?
            .map(BufWriter::new),
    };
    driver.line(&Opening {
        engine: "llguidance 1.9.1 (Rust)",
        settings: "default options, slicer on, one matcher a schema, cloned for each instance",
        setup,
        setup_memory: grown,
        clock: clock::cost(),
        call: 0,
    })?;
    for (at, row) in data::read(&args[1])?.enumerate() {
        driver.row(at, &row?)?;
    }
    driver.line(&Ending {
        peak_memory: clock::peak(),
        thread: clock::thread(),
        process: clock::process(),
    })?;
    driver.out.flush()?;
    if let Some(mut masks) = driver.masks {
        masks.flush()?;
    }
    Ok(())
}

impl Driver {
    fn line<T: serde::Serialize>(&mut self, value: &T) -> Result<()> {
        serde_json::to_writer(&mut self.out, value)?;
        self.out.write_all(b"\n")?;
        Ok(())
    }

    fn row(&mut self, at: usize, row: &Row) -> Result<()> {
        let mut measured = Measured {
            id: row.id.clone(),
            ..Measured::default()
        };
        match self.compile(row, &mut measured) {
            Ok(matcher) => {
                if let (Some(masks), Some(test)) =
                    (&mut self.masks, row.tests.iter().find(|t| t.valid))
                {
                    dump(masks, at, matcher.clone(), &test.ids)?;
                }
                for walks in [&mut measured.tests, &mut measured.again] {
                    walks.extend(row.tests.iter().map(|t| walk(matcher.clone(), &t.ids)));
                }
            }
            Err(e) => measured.refused = Some(short(&e.to_string())),
        }
        self.line(&measured)
    }

    /// From the text of a schema to its first mask.
    fn compile(&self, row: &Row, measured: &mut Measured) -> Result<Matcher> {
        let start = clock::thread();
        let schema = serde_json::from_str(row.schema.get())?;
        measured.parse = clock::thread() - start;
        let made = catch_unwind(AssertUnwindSafe(|| {
            Matcher::new(
                self.factory
                    .create_parser(TopLevelGrammar::from_json_schema(schema)),
            )
        }));
        measured.compile = clock::thread() - start;
        measured.compile_all = measured.compile;
        let Ok(mut matcher) = made else {
            bail!("panic")
        };
        if let Some(e) = matcher.get_error() {
            bail!(e);
        }
        // What the first mask leaves in the caches stays there, as it does in this module's driver.
        matcher.compute_mask()?;
        measured.first = clock::thread() - start;
        Ok(matcher)
    }
}

/// Walks a matcher over the tokens of an instance.
fn walk(mut matcher: Matcher, ids: &[u32]) -> Walk {
    let mut walk = Walk::default();
    for &id in ids {
        let t0 = clock::thread();
        let mask = matcher.compute_mask();
        let t1 = clock::thread();
        let allowed = mask.is_ok_and(|m: SimpleVob| m.is_allowed(id));
        walk.mask.push(t1 - t0);
        if !allowed {
            return walk;
        }
        let t0 = clock::thread();
        let taken = matcher.consume_token(id);
        let t1 = clock::thread();
        if taken.is_err() {
            return walk;
        }
        walk.accept.push(t1 - t0);
    }
    walk.accepted = matcher.is_accepting().unwrap_or(false);
    walk
}

/// Writes the first masks on the way through an instance: schema, step, and a bit for every id.
fn dump(out: &mut impl Write, at: usize, mut matcher: Matcher, ids: &[u32]) -> Result<()> {
    for (step, &id) in ids.iter().enumerate().take(STATES) {
        let Ok(mask) = matcher.compute_mask() else {
            break;
        };
        out.write_all(&(at as u32).to_le_bytes())?;
        out.write_all(&(step as u32).to_le_bytes())?;
        for word in &mask.as_slice()[..vocabulary::SIZE / 32] {
            out.write_all(&word.to_le_bytes())?;
        }
        if !mask.is_allowed(id) || matcher.consume_token(id).is_err() {
            break;
        }
    }
    Ok(())
}

/// The first line of a message, at most 200 characters of it.
fn short(message: &str) -> String {
    message
        .lines()
        .next()
        .unwrap_or("")
        .chars()
        .take(200)
        .collect()
}
