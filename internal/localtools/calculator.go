package localtools

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/harmony-go/sdk/agent"
)

// Expression is what calculate takes.
type Expression struct {
	Expression string `json:"expression" jsonschema:"maxLength=1000,description=Such as (3 + 4) * sqrt(2)"`
}

// Result is what calculate returns.
type Result struct {
	Result      json.Number `json:"result"`
	Approximate bool        `json:"approximate,omitempty"` // it has more digits
}

// Calculator is the tool calculate: arithmetic with + - * / % ^, parentheses, and the functions of functions. Fractions and decimals are
// exact; what cannot be has 15 digits and says so.
func Calculator() *agent.Function {
	return agent.Tool("calculate", "Evaluate an arithmetic expression.", func(_ context.Context, e Expression) (Result, error) {
		n, err := evaluate(e.Expression)
		if err != nil {
			return Result{}, err
		}
		text, whole := n.text(digits)
		return Result{json.Number(text), !whole}, nil
	})
}

// An expressionError says where an expression is wrong.
type expressionError struct {
	at   int // byte of the expression
	what string
}

func (e *expressionError) Error() string {
	return fmt.Sprintf("%s, at character %d of the expression", e.what, e.at+1)
}
