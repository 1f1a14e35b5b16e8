// Package constrain turns a JSON Schema into masks of the tokens that may come next. It is being built, which is why nobody can
// import it yet: every instance of the acceptance set is walked rightly, but the options that narrow what is accepted, the
// forced tokens and the speed that is wanted are not there.
package constrain
