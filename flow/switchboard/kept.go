package switchboard

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"sync"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/image"
)

const (
	// keepEvery is how soon after a change the snapshot is kept, where the
	// change is an edit, and keepCallsEvery where it is a call.
	keepEvery      = time.Second
	keepCallsEvery = 15 * time.Second

	// keepShare is how many times longer than writing it takes the snapshot is
	// left alone afterwards: a long list must not keep a disk busy.
	keepShare = 10
)

// kept is the file with the last good snapshot, and what belongs in it beside
// what serves. Its fields but for keys belong to whoever writes it.
type kept struct {
	path string

	mu   sync.Mutex
	keys map[string][]byte // secrets that the store has given
	more bool              // of them than are in the file

	revision uint64
	news     uint64
	written  time.Time
	took     time.Duration
}

// keptAt is the file at path; nil where none is to be kept.
func keptAt(path string) *kept {
	if path == "" {
		return nil
	}
	return &kept{path: path, keys: map[string][]byte{}}
}

// readKept gives what was kept, in place of the store that is away.
func (sb *Switchboard) readKept(away error) (*flow.Snapshot, store.State, error) {
	var im *image.Image
	snapshot, state, err := compile(func(yield func(ani.Entry) bool) (store.State, error) {
		var err error
		if im, err = image.Read(sb.kept.path, yield); err != nil {
			return store.State{}, err
		}
		return im.State, nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, state, fmt.Errorf("%w; and no snapshot was kept yet to start from", away)
	}
	if err != nil {
		return nil, state, errors.Join(away, err)
	}
	if im.Spare != nil {
		sb.log.Error().Err(im.Spare).Msg("the last snapshot is damaged: starting with the one before it")
	}
	sb.log.Error().Err(away).Time("kept", im.SavedAt).Uint64("revision", state.Revision.N).Msg("the store is away: starting with the last good snapshot")
	maps.Copy(sb.kept.keys, im.Keys)
	sb.current.Store(im.SavedAt.UnixMilli())
	return snapshot, state, nil
}

// Key is the secret called name, as the store has it; as it was kept, where
// the store is away.
func (sb *Switchboard) Key(ctx context.Context, name string) ([]byte, error) {
	secret, err := sb.store.Key(ctx, name)
	if sb.kept == nil {
		return secret, err
	}
	sb.kept.mu.Lock()
	defer sb.kept.mu.Unlock()
	if err == nil {
		sb.kept.keys[name], sb.kept.more = secret, true
		return secret, nil
	}
	if old, ok := sb.kept.keys[name]; ok && errors.Is(err, store.ErrUnavailable) {
		return old, nil
	}
	return nil, err
}

// keepSnapshots writes what serves to its file until ctx is done, and once
// more then.
func (sb *Switchboard) keepSnapshots(ctx context.Context) {
	ticker := time.NewTicker(keepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			sb.keepSnapshot()
			return
		case <-ticker.C:
			if sb.kept.due(sb.Snapshot().Revision, sb.News(), time.Now()) {
				sb.keepSnapshot()
			}
		}
	}
}

// due reports whether what serves is to be written at now.
func (k *kept) due(revision, news uint64, now time.Time) bool {
	since := now.Sub(k.written)
	if since < keepShare*k.took {
		return false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.more || revision != k.revision || news != k.news && since >= keepCallsEvery
}

func (sb *Switchboard) keepSnapshot() {
	k, began := sb.kept, time.Now()
	heard, news := sb.heard.Load(), sb.News() // no more than what serves
	s := sb.Snapshot()
	k.mu.Lock()
	keys := maps.Clone(k.keys)
	k.more = false
	k.mu.Unlock()
	err := image.Write(k.path, image.Image{State: sb.state(s, heard), Keys: keys, SavedAt: sb.Current()}, entriesOf(s, sb.now()))
	k.written, k.took = time.Now(), time.Since(began)
	if err != nil {
		sb.log.Error().Err(err).Msg("the snapshot that a start without the store needs can't be written")
		return
	}
	k.revision, k.news = s.Revision, news
}

// state is what serves, as a store would hand it over.
func (sb *Switchboard) state(s *flow.Snapshot, heard uint64) store.State {
	state := store.State{
		Revision: store.Revision{N: s.Revision, At: sb.Changed()}, Tokens: sb.Tokens(), EntryHint: s.List.Len(),
		Recent: sb.recents.since(sb.now().Add(-time.Duration(flow.MaxLimitPer))), Calls: heard,
	}
	for _, l := range s.Lines() {
		state.Lines = append(state.Lines, store.Line{Line: l})
		state.Windows = append(state.Windows, s.Live(l.Name).Windows...)
	}
	return state
}

// entriesOf is the list as far as calls need it.
func entriesOf(s *flow.Snapshot, now time.Time) func(yield func(ani.Entry) bool) {
	return func(yield func(ani.Entry) bool) {
		for item := range s.List.All {
			e := ani.Entry{
				ID: item.ID(), Pattern: item.Pattern(), Label: item.Label(), NotBefore: item.NotBefore(), ExpiresAt: item.ExpiresAt(),
				Enabled: item.State(now) != ani.StateDisabled, MinAttestation: item.MinAttestation(),
			}
			for name := range item.Lines {
				e.Lines = append(e.Lines, name)
			}
			if !yield(e) {
				return
			}
		}
	}
}
