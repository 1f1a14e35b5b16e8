// Package engine is where tokens come from: prompt in, tokens out.
//
//	m, err := decoder.Open("gpt-oss-20b", nil)
//	e := engine.Local(m, nil)
//	prompt, err := encoding.GPTOSS().RenderForCompletion(messages, harmony.RoleAssistant, nil)
//	parser := encoding.GPTOSS().NewParser(harmony.RoleAssistant, nil)
//	var stats engine.Stats
//	for tok, err := range e.Generate(ctx, engine.Request{Prompt: prompt, Stats: &stats}) {
//		if err != nil {
//			return err
//		}
//		events, _ := parser.Push(tok)
//		show(events)
//	}
//	events, verdict, _ := parser.Close(stats.Stop)
//
// A [Generator] is anything that does this. [Local] runs a model in this process; [Replay] is a script, for tests.
//
// # Terms
//
// Prefill computes a prompt, a decode step computes one token and gives the logits, of which sampling chooses the next token. A
// mask says which tokens may be chosen. A stop token ends the output, and is its last token. A sequence is
// what the decoder remembers of one conversation; its capacity is how many positions it has.
//
// # What an engine guarantees
//
// The output depends on the request and the model alone: not on what was computed before, nor on what is computed at the same
// time, nor on the platform, as far as the model's logits do not (package decoder says in which mode they do not).
// [Sampling] says exactly how a token is chosen.
//
// Nothing is lost. A token is handed out before anything is computed with it, and what a generation that was cancelled
// has said counts: its tokens stay in the sequence, and the next prompt that begins with them finds them there.
//
// # Conversations
//
// A prompt of a conversation begins with the prompt before and, if the model's own tokens are kept (encoding.Transcript), with what
// was sampled then. A local engine finds the sequence that shares most with a prompt and computes the rest. Other
// conversations keep their sequences, as many as LocalOptions.Sequences; then the one used longest ago makes room.
package engine
