// Command count counts tokens before anything is sent: of a text, of a prompt, and of what a prompt is spent on.
package main

import (
	"fmt"
	"log"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/harmony"
)

func main() {
	enc := encoding.GPTOSS()
	fmt.Println("tokens of a text:", enc.Tokenizer().Count("How many tokens are in this sentence?"))

	call := harmony.NewCall("functions.search", `{"query":"Harmony"}`)
	messages := []harmony.Message{
		harmony.NewSystem(harmony.NewSystemContent()),
		harmony.NewDeveloper(harmony.NewDeveloperContent("Be brief.")),
		harmony.NewUser("What is Harmony?"),
		harmony.NewAssistant(harmony.ChannelAnalysis, "I should look that up."),
		call,
		harmony.NewResult(&call, `{"hits":["The response format of gpt-oss."]}`),
		harmony.NewAssistant(harmony.ChannelFinal, "The response format of gpt-oss."),
		harmony.NewUser("Thanks. And what is a channel?"),
	}
	usage, err := enc.UsageForCompletion(messages, harmony.RoleAssistant, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("tokens of the prompt:", usage.Total())
	fmt.Println("  system, developer:", usage.System+usage.Developer)
	fmt.Println("  user:", usage.User)
	fmt.Println("  reasoning:", usage.Analysis)
	fmt.Println("  calls and results:", usage.Arguments+usage.Tool)
	fmt.Println("  answers:", usage.Final)
	fmt.Println("  headers and ends:", usage.Framing)

	all, err := enc.CountForCompletion(messages, harmony.RoleAssistant, &encoding.RenderOptions{Retention: encoding.RetainAll})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("tokens if old reasoning stayed:", all)
}
