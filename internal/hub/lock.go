package hub

import (
	"context"
	"os"
	"path/filepath"
	"time"
)

// lockPause is how often a lock that another process has is tried again.
const lockPause = 200 * time.Millisecond

// lock keeps other processes, huggingface_hub's among them, from fetching a blob meanwhile. It waits for them, told once by waiting.
// The file stays: to remove it would part those who wait for it from those who come later.
func (c *Client) lock(ctx context.Context, repo Repo, blob string, waiting func()) (unlock func(), err error) {
	path := filepath.Join(c.Cache, ".locks", repo.folder(), blob+".lock")
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	for first := true; ; first = false {
		ok, err := tryLock(f)
		if err != nil {
			f.Close()
			return nil, err
		}
		if ok {
			return func() { f.Close() }, nil // which unlocks it
		}
		if first && waiting != nil {
			waiting()
		}
		if err := c.sleep(ctx, lockPause); err != nil {
			f.Close()
			return nil, err
		}
	}
}
