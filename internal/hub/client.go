package hub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// A Client talks to one hub and keeps one cache. Its fields must not be changed once it is used; then it is safe for concurrent use.
type Client struct {
	Endpoint string // https://huggingface.co, or another hub, without a slash at the end
	Token    string // or ""
	Cache    string // the directory that holds models--ORG--NAME
	Offline  bool   // never use the network
	Agent    string // User-Agent; "": the name of this module

	// HTTP makes requests; nil: http.DefaultTransport does. Redirects are followed by this package.
	HTTP http.RoundTripper

	// Sleep waits, or returns the context's error; nil: time passes.
	Sleep func(ctx context.Context, d time.Duration) error

	// Idle is how long the hub may be silent before a request is made again; 0: 30 seconds.
	Idle time.Duration

	// Waiting, if not nil, is told before each wait why, and how long it will be.
	Waiting func(why error, d time.Duration)

	link func(target, path string) error // os.Symlink; tests have others
}

const (
	maxRedirects = 6
	maxAttempts  = 6               // without getting anywhere
	maxPause     = 5 * time.Minute // that a hub may ask for
	defaultIdle  = 30 * time.Second
)

// A statusError is an answer that is no success.
type statusError struct {
	status int
	code   string // X-Error-Code
	text   string // X-Error-Message
	host   string
	wait   time.Duration // Retry-After
}

func (e *statusError) Error() string {
	text := fmt.Sprintf("%s answers %d %s", e.host, e.status, http.StatusText(e.status))
	if e.text != "" {
		text += " (" + e.text + ")"
	}
	return text
}

// again reports whether the same request may succeed later.
// Source: huggingface_hub 2.4.0, utils/_http.py, the statuses that are tried again.
func (e *statusError) again() bool {
	switch e.status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// errStalled is why a request is given up.
var errStalled = errors.New("no answer for too long")

// A response is an answer whose body ends with an error if the hub falls silent.
type response struct {
	*http.Response
	linkedETag string // what the hub called the file before it sent us elsewhere
	body       io.Reader
	cancel     context.CancelCauseFunc
}

func (r *response) close() {
	r.Body.Close()
	r.cancel(nil)
}

// get asks for an address of the hub and follows redirects. The token goes to the hub's own address only. What is no success is an
// error; bytes from offset on are asked for if that is not 0.
func (c *Client) get(ctx context.Context, address string, offset int64) (*response, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	idle := c.Idle
	if idle == 0 {
		idle = defaultIdle
	}
	timer := time.AfterFunc(idle, func() { cancel(errStalled) })
	stop := func(cause error) {
		timer.Stop()
		cancel(cause)
	}
	r, err := c.follow(ctx, address, offset)
	if err != nil {
		if errors.Is(context.Cause(ctx), errStalled) {
			err = errStalled
		}
		stop(nil)
		return nil, err
	}
	r.cancel = stop
	r.body = &watched{r: r.Body, ctx: ctx, timer: timer, idle: idle}
	return r, nil
}

// watched is a body that must not fall silent.
type watched struct {
	r     io.Reader
	ctx   context.Context
	timer *time.Timer
	idle  time.Duration
}

func (w *watched) Read(b []byte) (int, error) {
	if w.ctx.Err() != nil {
		return 0, context.Cause(w.ctx) // the connection notices later, and until then gives what has come
	}
	w.timer.Reset(w.idle)
	n, err := w.r.Read(b)
	w.timer.Stop() // what is done with it may take its time
	if err != nil && err != io.EOF && errors.Is(context.Cause(w.ctx), errStalled) {
		err = errStalled
	}
	return n, err
}

// follow makes the requests that an address leads to.
func (c *Client) follow(ctx context.Context, address string, offset int64) (*response, error) {
	hub, err := url.Parse(c.Endpoint)
	if err != nil {
		return nil, err
	}
	at, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	out := &response{}
	for range maxRedirects {
		r, err := c.request(ctx, at, sameOrigin(at, hub), offset)
		if err != nil {
			return nil, err
		}
		if etag := normalETag(r.Header.Get("X-Linked-Etag")); etag != "" && out.linkedETag == "" && sameOrigin(at, hub) {
			out.linkedETag = etag
		}
		switch {
		case r.StatusCode >= 300 && r.StatusCode < 400 && r.Header.Get("Location") != "":
			next, err := at.Parse(r.Header.Get("Location"))
			drop(r)
			if err != nil {
				return nil, &Error{What: at.Host, Text: "redirects to what is no address", Kind: ErrHostile}
			}
			if next.Scheme != "https" && (next.Scheme != "http" || at.Scheme == "https") {
				return nil, &Error{What: at.Host, Text: "redirects from " + at.Scheme + " to " + quote(next.Scheme), Kind: ErrHostile}
			}
			at = next
			continue
		case r.StatusCode != http.StatusOK && r.StatusCode != http.StatusPartialContent:
			defer drop(r)
			return nil, statusOf(r, at.Host)
		}
		out.Response = r
		return out, nil
	}
	return nil, &Error{What: hub.Host, Text: fmt.Sprintf("redirects more than %d times", maxRedirects), Kind: ErrHostile}
}

func sameOrigin(a, b *url.URL) bool { return a.Scheme == b.Scheme && strings.EqualFold(a.Host, b.Host) }

// request makes one request.
func (c *Client) request(ctx context.Context, at *url.URL, trusted bool, offset int64) (*http.Response, error) {
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("%s: no address", quote(at.Host))
	}
	agent := c.Agent
	if agent == "" {
		agent = "harmony-go"
	}
	q.Header.Set("User-Agent", agent)
	q.Header.Set("Accept-Encoding", "identity") // or sizes and ranges are those of something else
	if offset > 0 {
		q.Header.Set("Range", fmt.Sprintf("bytes=%d-", offset))
	}
	if c.Token != "" && trusted {
		q.Header.Set("Authorization", "Bearer "+c.Token)
	}
	transport := c.HTTP
	if transport == nil {
		transport = http.DefaultTransport
	}
	r, err := transport.RoundTrip(q)
	if err != nil {
		// Without the address: behind a redirect it holds a signature that is as good as a token.
		if e, ok := errors.AsType[*url.Error](err); ok {
			err = e.Err
		}
		return nil, fmt.Errorf("%s: %w", at.Host, err)
	}
	return r, nil
}

// drop reads a little of a body, so that the connection can be used again, and closes it.
func drop(r *http.Response) {
	io.CopyN(io.Discard, r.Body, 4<<10)
	r.Body.Close()
}

func statusOf(r *http.Response, host string) error {
	e := &statusError{status: r.StatusCode, code: r.Header.Get("X-Error-Code"), text: printable(r.Header.Get("X-Error-Message")), host: host}
	if v := r.Header.Get("Retry-After"); v != "" {
		if seconds, err := strconv.ParseUint(v, 10, 31); err == nil {
			e.wait = time.Duration(seconds) * time.Second
		} else if at, err := http.ParseTime(v); err == nil {
			e.wait = max(time.Until(at), 0)
		}
	}
	return e
}

// printable shortens a text of the hub and takes out what could drive a terminal.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f {
			return -1
		}
		return r
	}, s)
	return s[:min(len(s), 200)]
}

// normalETag returns what an ETag header names.
func normalETag(v string) string { return strings.Trim(strings.TrimPrefix(v, "W/"), `"`) }

// retrying calls f until it succeeds, fails for good, or has failed too often without getting anywhere. f reports whether it got
// somewhere.
func (c *Client) retrying(ctx context.Context, f func() (progress bool, err error)) error {
	pause := time.Second
	for failed := 0; ; {
		progress, err := f()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		status, isStatus := errors.AsType[*statusError](err)
		if isStatus && !status.again() || errors.Is(err, ErrHostile) || !isStatus && !transient(err) {
			return err
		}
		if failed++; progress {
			failed, pause = 1, time.Second
		}
		if failed >= maxAttempts {
			return fmt.Errorf("given up after %d attempts: %w", failed, err)
		}
		wait := pause/2 + rand.N(pause/2+1)
		if isStatus && status.wait > 0 {
			if wait = status.wait; wait > maxPause {
				return fmt.Errorf("%w, and wants us to wait %v", err, status.wait)
			}
		}
		if c.Waiting != nil {
			c.Waiting(err, wait)
		}
		if err := c.sleep(ctx, wait); err != nil {
			return err
		}
		pause = min(2*pause, 30*time.Second)
	}
}

// A lastingError is one of this machine, such as a full disk: to ask the hub again will not help.
type lastingError struct{ error }

func (e lastingError) Unwrap() error { return e.error }

func transient(err error) bool {
	_, lasting := errors.AsType[lastingError](err)
	_, own := errors.AsType[*Error](err)
	return !lasting && !own
}

func (c *Client) sleep(ctx context.Context, d time.Duration) error {
	if c.Sleep != nil {
		return c.Sleep(ctx, d)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
