//! Runs one Rust peer for the benchmark: `peers NAME` answers requests on standard input,
//! `peers NAME first` loads, encodes two words and says what memory that took. The lines are described in the
//! benchmark's package comment (bench/main.go).
//!
//! openai-harmony reads its vocabulary from the folder in TIKTOKEN_ENCODINGS_BASE;
//! bpe-openai carries its own.

use std::hint::black_box;
use std::io::{BufRead, Write};
use std::panic::{catch_unwind, AssertUnwindSafe};

use openai_harmony::chat::{Conversation, Role};
use openai_harmony::{
    load_harmony_encoding, HarmonyEncoding, HarmonyEncodingName, StreamableParser,
};
use serde_json::{json, Value};

type Error = Box<dyn std::error::Error>;
type Result<T> = std::result::Result<T, Error>;

/// CPU time this process has used so far, in nanoseconds.
fn cpu_ns() -> i64 {
    let mut t = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: t is a valid timespec that the call fills in.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut t) };
    t.tv_sec as i64 * 1_000_000_000 + t.tv_nsec as i64
}

/// The largest resident size this process has had, in bytes; 0 where there is no /proc.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|l| l.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) << 10
}

/// What a task runs on, read outside of what is timed.
enum Input {
    Text(String),
    Tokens(Vec<u32>),
    Conversation(Conversation),
}

/// What a task gives.
enum Output {
    Tokens(Vec<u32>),
    Bytes(Vec<u8>),
    Parser(Box<StreamableParser>),
}

enum Peer {
    Harmony(HarmonyEncoding),
    Bpe(&'static bpe_openai::Tokenizer),
}

impl Peer {
    fn load(name: &str) -> Result<Peer> {
        Ok(match name {
            "harmony" => Peer::Harmony(load_harmony_encoding(HarmonyEncodingName::HarmonyGptOss)?),
            "bpe" => Peer::Bpe(bpe_openai::o200k_base()),
            _ => return Err(format!("unknown peer {name:?}").into()),
        })
    }

    fn title(&self) -> &'static str {
        match self {
            Peer::Harmony(_) => "openai-harmony 0.0.8 (Rust)",
            Peer::Bpe(_) => "bpe-openai 0.3.2 (Rust)",
        }
    }

    fn run(&self, task: &str, input: &Input) -> Result<Output> {
        match self {
            Peer::Harmony(enc) => run_harmony(enc, task, input),
            Peer::Bpe(tok) => run_bpe(tok, task, input),
        }
    }
}

fn run_harmony(enc: &HarmonyEncoding, task: &str, input: &Input) -> Result<Output> {
    Ok(match (task, input) {
        ("encode", Input::Text(text)) => Output::Tokens(enc.tokenizer().encode_ordinary(text)),
        ("decode", Input::Tokens(toks)) => {
            Output::Bytes(enc.tokenizer().decode_bytes(toks.iter().copied())?)
        }
        ("render-struct", Input::Conversation(c)) => Output::Tokens(render(enc, c)?),
        ("render-json", Input::Text(doc)) => Output::Tokens(render(enc, &serde_json::from_str(doc)?)?),
        ("parse", Input::Tokens(toks)) => parse(enc, toks, |_| Ok(()))?,
        ("parse-delta", Input::Tokens(toks)) => parse(enc, toks, |p| {
            black_box(p.last_content_delta()?);
            Ok(())
        })?,
        ("parse-text-so-far", Input::Tokens(toks)) => parse(enc, toks, |p| {
            black_box(p.current_content()?);
            Ok(())
        })?,
        _ => return Err(format!("unknown task {task:?}").into()),
    })
}

fn render(enc: &HarmonyEncoding, c: &Conversation) -> Result<Vec<u32>> {
    Ok(enc.render_conversation_for_completion(c, Role::Assistant, None)?)
}

fn parse(
    enc: &HarmonyEncoding,
    toks: &[u32],
    mut each: impl FnMut(&StreamableParser) -> Result<()>,
) -> Result<Output> {
    let mut parser = StreamableParser::new(enc.clone(), Some(Role::Assistant))?;
    for &t in toks {
        parser.process(t)?;
        each(&parser)?;
    }
    Ok(Output::Parser(Box::new(parser)))
}

fn run_bpe(tok: &bpe_openai::Tokenizer, task: &str, input: &Input) -> Result<Output> {
    Ok(match (task, input) {
        ("encode", Input::Text(text)) => Output::Tokens(tok.encode(text.as_str())),
        ("decode", Input::Tokens(toks)) => {
            Output::Bytes(tok.decode(toks).ok_or("decode gave nothing")?.into_bytes())
        }
        _ => return Err(format!("unknown task {task:?}").into()),
    })
}

fn read(task: &str, path: &str) -> Result<Input> {
    Ok(match task {
        "encode" | "render-json" => Input::Text(std::fs::read_to_string(path)?),
        "render-struct" => Input::Conversation(serde_json::from_str(&std::fs::read_to_string(path)?)?),
        _ => Input::Tokens(
            std::fs::read(path)?
                .chunks_exact(4)
                .map(|b| u32::from_le_bytes(b.try_into().expect("four bytes")))
                .collect(),
        ),
    })
}

fn result(output: Output) -> Result<Vec<u8>> {
    Ok(match output {
        Output::Tokens(toks) => toks.iter().flat_map(|t| t.to_le_bytes()).collect(),
        Output::Bytes(bytes) => bytes,
        Output::Parser(parser) => serde_json::to_vec(parser.messages())?,
    })
}

struct Server {
    peer: Peer,
    prepared: Option<(String, String, Input)>,
}

impl Server {
    fn answer(&mut self, req: &Value) -> Result<Value> {
        let field = |k: &str| req[k].as_str().unwrap_or_default().to_owned();
        if req["do"] == "load" {
            return Ok(json!({"name": self.peer.title()}));
        }
        let (task, path) = (field("task"), field("in"));
        if !matches!(&self.prepared, Some((t, p, _)) if *t == task && *p == path) {
            self.prepared = Some((task.clone(), path.clone(), read(&task, &path)?));
        }
        let (_, _, input) = self.prepared.as_ref().expect("just prepared");
        if req["do"] == "check" {
            std::fs::write(field("out"), result(self.peer.run(&task, input)?)?)?;
            return Ok(json!({}));
        }
        let start = cpu_ns();
        for _ in 0..req["passes"].as_u64().unwrap_or(1).max(1) {
            black_box(self.peer.run(&task, black_box(input))?);
        }
        Ok(json!({"cpu_ns": cpu_ns() - start}))
    }
}

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().collect();
    let name = args.get(1).ok_or("usage: peers NAME [first]")?;
    let peer = Peer::load(name)?;
    if args.get(2).is_some_and(|a| a == "first") {
        let out = peer.run("encode", &Input::Text("hello world".into()))?;
        if !matches!(out, Output::Tokens(toks) if toks.len() == 2) {
            return Err("not two tokens".into());
        }
        println!("{}", json!({"memory": peak_memory()}));
        return Ok(());
    }
    let mut server = Server { peer, prepared: None };
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let req: Value = serde_json::from_str(&line?)?;
        let reply = match catch_unwind(AssertUnwindSafe(|| server.answer(&req))) {
            Ok(Ok(v)) => v,
            Ok(Err(e)) => json!({"error": e.to_string()}),
            Err(_) => json!({"error": "panics"}),
        };
        writeln!(out, "{reply}")?;
        out.flush()?;
    }
    Ok(())
}
