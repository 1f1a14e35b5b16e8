//! o200k_harmony as llguidance wants it.

use std::sync::Arc;

use anyhow::{Context, Result};
use llguidance::{earley::SlicedBiasComputer, ParserFactory};
use toktrie::{ApproximateTokEnv, InferenceCapabilities, TokEnv, TokRxInfo, TokTrie};

/// Ids the gpt-oss models have.
pub const SIZE: usize = 201_088;
/// Tokens of text; all ids from here on are special.
const TEXT: usize = 199_998;
const RETURN: u32 = 200_002;

/// Reads the bytes of every id. A special token begins with 0xFF, which is how toktrie knows it.
pub fn read(path: &str) -> Result<Vec<Vec<u8>>> {
    let mut words = vec![Vec::new(); SIZE];
    for line in std::fs::read_to_string(path)?.lines() {
        let (text, rank) = line
            .split_once(' ')
            .context("expected a token and its rank")?;
        words[rank.parse::<usize>()?] = base64(text).context("expected base64")?;
    }
    for (id, word) in words.iter_mut().enumerate().skip(TEXT) {
        *word = format!("\u{1}<|special_{id}|>").into_bytes();
        word[0] = TokTrie::SPECIAL_TOKEN_MARKER;
    }
    Ok(words)
}

/// All that llguidance prepares once for a vocabulary, with the slices it has for JSON.
pub fn factory(words: &[Vec<u8>]) -> Result<ParserFactory> {
    let trie = TokTrie::from(&TokRxInfo::new(SIZE as u32, RETURN), words);
    let env: TokEnv = Arc::new(ApproximateTokEnv::new(trie));
    let slices = SlicedBiasComputer::json_slices();
    let mut factory = ParserFactory::new(&env, InferenceCapabilities::default(), &slices)?;
    factory.quiet();
    Ok(factory)
}

fn base64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held) = (0u32, 0);
    for byte in text.bytes().take_while(|&b| b != b'=') {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(digit);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    #[test]
    fn base64() {
        assert_eq!(super::base64("AP+/"), Some(vec![0, 0xff, 0xbf]));
        assert_eq!(super::base64("IHRoZQ=="), Some(b" the".to_vec()));
        assert_eq!(super::base64("I-Ro"), None);
    }
}
