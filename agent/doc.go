// Package agent is the loop around a model: it renders, generates, parses, runs the tool a message calls, appends the
// result, and asks again until there is an answer or a limit.
//
//	weather := agent.Tool("get_weather", "The weather in a city.", func(ctx context.Context, in Query) (Weather, error) {
//		return lookUp(ctx, in.City)
//	})
//	a, err := agent.New(generator, &agent.Options{Instructions: "Be brief.", Tools: []*agent.Function{weather}})
//	s := a.NewSession()
//	for ev, err := range s.Run(ctx, "What is the weather in Lisbon?") {
//		if err != nil {
//			return err
//		}
//		if ev.Visible() {
//			fmt.Print(ev.Text)
//		}
//	}
//	fmt.Println(s.Turn().Answer)
//
// It runs over any [engine.Generator] and does not know which.
//
// # Terms
//
// A session is a conversation. A turn begins with what a person says and ends with an answer; a step is one generation in
// it. A call is a message to a tool, a result the tool's message to the model. An opening is the beginning of a message that
// is put behind the prompt, so that the model must go on from there. A format is the JSON Schema that an answer has to fit.
//
// # Channels
//
// Every token of every channel comes as an [Event]; [Event.Visible] tells which of them are for the user: answers, and what the
// model announces before its calls. Reasoning is not, and [Turn] keeps it apart from the answer. Within a turn reasoning
// goes back to the model, because it calls tools from within it; a finished turn's does not (encoding.RetainCookbook).
//
// # What a model may do wrong
//
// A call is told by its recipient, on whatever channel. The recipient is looked up as soon as the header is complete: for a tool
// that does not exist the generation ends there. Whatever goes wrong with a call, the model hears it as the result,
// {"error":"…"}, and can mend it: an unknown tool with the names that exist, arguments that do not fit with what is wrong where,
// a tool that failed, panicked, or took too long. The program sees the same as [Call].Err.
//
// With [Options].Mask none of this can happen where the engine heeds masks: [Constrained] makes masks under which only declared tools are
// called, with arguments that fit, and an answer fits its format.
//
// A generation that ends with neither an answer nor a call is asked to go on: first as it is, then from the opening of
// an answer; then the turn ends with an *OutcomeError. If the model goes on as somebody else (a user, a tool), the generation ends there, and what it put
// into the other's mouth does not stay in the conversation.
//
// # What is kept
//
// The model's own tokens: a prompt within a turn begins with all tokens of the prompt before and of what was sampled on it, so that an
// engine's prefix cache holds. What cannot stand in a prompt is the exception, and an answer that is sent back, behind which its
// reasoning is dropped; [Step].Reuse names where and why. Whatever ends a turn (a limit, a cancelled context, an engine that fails, a loop that is
// left), what the model has said until then stays in the session, every call has its result, and the next turn goes
// on from there. [Session.Save] writes a session with every sampled token; [Agent.Load] rebuilds each prompt and
// checks it against what it was.
//
// # What is bounded
//
// Steps, output tokens and time of a turn, time and result of a tool, all by [Limits]. Text of tools and people is
// encoded as ordinary text: a control token spelled out in it stays text.
//
// # Sources
//
// openai/harmony, docs/format.md: the author, recipient and channel of results, reasoning in subsequent sampling, structured output.
package agent
