package flow

import (
	"fmt"
	"slices"
	"time"

	"github.com/ringthrough/ringthrough/ani"
)

// Snapshot is all that a decision rests on: the list, the lines, and what
// each line has lived through lately. It is immutable; With and After return
// a successor. Any number of readers may use one at once.
type Snapshot struct {
	Revision uint64
	List     *ani.List

	lines    []*servingLine
	byNumber map[ani.Number]int // index into lines
	byName   map[string]int
	fallback int // index of the default line; -1 if there is none
	live     []Live
}

// servingLine is a Line made ready for decisions.
type servingLine struct {
	Line
	zone  *time.Location
	own   []ani.Number // the line's numbers and its targets'
	hours []*schedule  // of each target; nil is always open
}

// NewSnapshot makes lines and list ready for decisions. The lines must have
// been through Normalize. Where two lines claim one number, one name or the
// default, the error is ani.Problems of the later one.
func NewSnapshot(revision uint64, list *ani.List, lines []Line) (*Snapshot, error) {
	s := &Snapshot{
		Revision: revision, List: list, fallback: -1,
		lines:    make([]*servingLine, 0, len(lines)),
		byNumber: make(map[ani.Number]int),
		byName:   make(map[string]int, len(lines)),
		live:     make([]Live, len(lines)),
	}
	for _, l := range lines {
		if err := s.add(l); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *Snapshot) add(l Line) error {
	i := len(s.lines)
	serving, err := l.serving()
	if err != nil {
		return fmt.Errorf("line %s: %w", l.Name, err)
	}
	s.lines = append(s.lines, serving)
	var p ani.Problems
	if _, taken := s.byName[l.Name]; taken {
		p.Add("name", "is taken by another line")
	}
	if l.Default && s.fallback >= 0 {
		p.Add("default", fmt.Sprintf("is already the line %s: at most one line takes calls to numbers of no line", s.lines[s.fallback].Name))
	}
	for n, number := range l.Numbers {
		if other, taken := s.byNumber[number]; taken {
			p.Add(fmt.Sprintf("numbers[%d]", n), fmt.Sprintf("already belongs to the line %s", s.lines[other].Name))
		}
		s.byNumber[number] = i
	}
	if l.Default {
		s.fallback = i
	}
	s.byName[l.Name] = i
	if err := p.Err(); err != nil {
		return fmt.Errorf("line %s: %w", l.Name, err)
	}
	return nil
}

func (l Line) serving() (*servingLine, error) {
	zone, err := time.LoadLocation(l.Timezone)
	if err != nil {
		return nil, fmt.Errorf("load time zone: %w", err)
	}
	s := &servingLine{Line: l, zone: zone, own: slices.Clone(l.Numbers), hours: make([]*schedule, len(l.Targets))}
	for i, t := range l.Targets {
		if n := t.number(); !n.IsZero() {
			s.own = append(s.own, n)
		}
		if s.hours[i], err = t.Hours.compile(); err != nil {
			return nil, fmt.Errorf("hours of target %d: %w", i, err)
		}
	}
	return s, nil
}

// Lines yields the lines in the order in which they were given. The values
// belong to the snapshot: don't change what they point to.
func (s *Snapshot) Lines() []Line {
	lines := make([]Line, len(s.lines))
	for i, l := range s.lines {
		lines[i] = l.Line
	}
	return lines
}

// Line is the line called name.
func (s *Snapshot) Line(name string) (Line, bool) {
	i, ok := s.byName[name]
	if !ok {
		return Line{}, false
	}
	return s.lines[i].Line, true
}

// LineOf is the name of the line that a call to dnis belongs to.
func (s *Snapshot) LineOf(dnis ani.Number) (string, bool) {
	if i := s.lineIndex(dnis); i >= 0 {
		return s.lines[i].Name, true
	}
	return "", false
}

func (s *Snapshot) lineIndex(dnis ani.Number) int {
	if i, ok := s.byNumber[dnis]; ok && !dnis.IsZero() {
		return i
	}
	return s.fallback
}

// Live is what the line called name has lived through lately.
func (s *Snapshot) Live(name string) Live {
	if i, ok := s.byName[name]; ok {
		return s.live[i]
	}
	return Live{}
}

// WithLive is s with another Live for the line called name. It is s itself
// where there is no such line.
func (s *Snapshot) WithLive(name string, live Live) *Snapshot {
	i, ok := s.byName[name]
	if !ok {
		return s
	}
	next := *s
	next.live = slices.Clone(s.live)
	next.live[i] = live
	return &next
}

// Inherit is s with the Live of every line that old has too: how an edit
// keeps windows, limits and redials. It is called on a snapshot that serves
// nobody yet.
func (s *Snapshot) Inherit(old *Snapshot) *Snapshot {
	next := *s
	next.live = make([]Live, len(s.lines))
	for i, l := range s.lines {
		next.live[i] = old.Live(l.Name)
	}
	return &next
}
