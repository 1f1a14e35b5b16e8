package harmony

import "github.com/harmony-go/sdk/schema"

// Effort is how long the model should think before it answers. In JSON the names are Low, Medium and
// High, in the prompt low, medium and high.
type Effort string

// The efforts gpt-oss is trained with.
const (
	EffortLow    Effort = "low"
	EffortMedium Effort = "medium"
	EffortHigh   Effort = "high"
)

// What NewSystemContent fills in: openai/harmony, src/chat.rs, SystemContent::default, version 0.0.8.
const (
	DefaultModelIdentity   = "You are ChatGPT, a large language model trained by OpenAI."
	DefaultKnowledgeCutoff = "2024-06"
)

// FunctionsNamespace is the key and the name of the namespace that holds a program's own functions.
const FunctionsNamespace = "functions"

// SystemContent is the content of a system message. An absent field is not rendered; NewSystemContent
// returns the fields that openai-harmony's constructors fill in.
type SystemContent struct {
	ModelIdentity         string               // first line; gpt-oss was trained with DefaultModelIdentity
	ReasoningEffort       Effort               // "Reasoning: …"
	Tools                 map[string]Namespace // built-in tools (browser, python) by namespace key
	ConversationStartDate string               // "Current date: …", YYYY-MM-DD; there is no clock in this package
	KnowledgeCutoff       string               // "Knowledge cutoff: …", YYYY-MM
	ChannelConfig         *ChannelConfig       // "# Valid channels: …"
	Empty                 Fields               // string fields that are present although empty
}

// NewSystemContent returns what openai-harmony's constructors return: DefaultModelIdentity, medium
// effort, DefaultKnowledgeCutoff, the three channels, all required; no date and no tools.
func NewSystemContent() *SystemContent {
	return &SystemContent{
		ModelIdentity:   DefaultModelIdentity,
		ReasoningEffort: EffortMedium,
		KnowledgeCutoff: DefaultKnowledgeCutoff,
		ChannelConfig: &ChannelConfig{
			ValidChannels:   []string{string(ChannelAnalysis), string(ChannelCommentary), string(ChannelFinal)},
			ChannelRequired: true,
		},
	}
}

// AddTools adds a namespace under its name, in place of one that has this key.
func (c *SystemContent) AddTools(ns Namespace) { addTools(&c.Tools, ns) }

// ChannelConfig lists the channels the model is told to use.
type ChannelConfig struct {
	ValidChannels   []string
	ChannelRequired bool // adds "Channel must be included for every message."
}

// DeveloperContent is the content of a developer message: instructions and function tools.
type DeveloperContent struct {
	Instructions string               // what Chat Completions calls the system prompt
	Tools        map[string]Namespace // function tools by namespace key; the key gpt-oss knows is "functions"
	Empty        Fields               // string fields that are present although empty
}

// NewDeveloperContent returns instructions and functions, which the model knows as functions.NAME. Empty
// instructions are absent, and no functions are no namespace.
func NewDeveloperContent(instructions string, functions ...Tool) *DeveloperContent {
	c := &DeveloperContent{Instructions: instructions}
	if len(functions) > 0 {
		c.AddTools(Namespace{Name: FunctionsNamespace, Tools: functions})
	}
	return c
}

// AddTools adds a namespace under its name, in place of one that has this key.
func (c *DeveloperContent) AddTools(ns Namespace) { addTools(&c.Tools, ns) }

func addTools(tools *map[string]Namespace, ns Namespace) {
	if *tools == nil {
		*tools = make(map[string]Namespace)
	}
	(*tools)[ns.Name] = ns
}

// Namespace is a named group of tools. The map key it is stored under orders it; Name is what is rendered.
type Namespace struct {
	Name        string
	Description string
	Tools       []Tool
	Empty       Fields // FieldDescription: the description is present although empty
}

// Tool is one function the model may call.
type Tool struct {
	Name        string
	Description string
	Parameters  *schema.Schema // nil: the function takes no argument
}
