package knowledge

import (
	"fmt"
	"slices"
)

// Pos is a place in a knowledge file. Lines and columns count from 1; a zero
// Line means the file as a whole.
type Pos struct {
	File         string
	Line, Column int
}

func (p Pos) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// from names a place relative to another one: by its line alone if both are in the same
// file.
func (p Pos) from(other Pos) verbatim {
	if p.File == other.File {
		return verbatim(fmt.Sprintf("line %d", p.Line))
	}
	return verbatim(fmt.Sprintf("%s:%d", p.File, p.Line))
}

// Line is a text of the file and its place.
type Line struct {
	Text string
	Pos  Pos
}

func (l Line) String() string { return l.Text }

// File is a knowledge file as it is written. The comments of the fields are those of
// schema.json (see [Schema]). The tag is names the kind of a text, which bounds its length
// (see [kinds]); need marks required keys.
type File struct {
	// The version of this format: 1.
	Version int `yaml:"version" need:"true"`
	// Whose divisions these are.
	Organization Organization `yaml:"organization"`
	// Where the facts come from; shown with every answer.
	Source Source `yaml:"source"`
	// The language the file is written in, as a BCP 47 tag. Default: en.
	Language Line `yaml:"language"`
	// How many of a hundred answers may be false, such as 6 (the default).
	FalseAnswers Line `yaml:"false_answers"`
	// Danger now: a question with one of the phrases gets this answer before any other.
	Urgent []Urgent `yaml:"urgent"`
	// The divisions people are sent to.
	Divisions []Division `yaml:"divisions" need:"true"`
	// What separates two divisions that are easily confused; shown when the desk suggests both.
	TellApart []TellApart `yaml:"tell_apart"`
	// Groups of words that mean the same, such as [labor, labour].
	Synonyms [][]Line `yaml:"synonyms"`
	// What the desk knows it does not answer, and where to go instead.
	Declines []Decline `yaml:"declines"`
}

// Organization is whose divisions a file describes.
type Organization struct {
	// The organization's name.
	Name Line `yaml:"name"`
	// Other names and acronyms of the organization.
	Aliases []Line `yaml:"aliases"`
	// The organization's web page.
	URL Line `yaml:"url" is:"address"`
}

// Source is where facts were taken from.
type Source struct {
	// The page's title.
	Title Line `yaml:"title"`
	// The page's address.
	URL Line `yaml:"url" is:"address"`
	// The day it was read, as 2026-11-23.
	Seen Line `yaml:"seen"`
}

// Urgent is an answer to questions that report immediate danger.
type Urgent struct {
	// Words that tell of the danger, two to six words each.
	Phrases []Line `yaml:"phrases" need:"true"`
	// What the desk says. Markdown.
	Say Line `yaml:"say" need:"true" is:"prose"`
}

// Division is one division of the file.
type Division struct {
	// A short name for machines, lower case with hyphens; never changed once given.
	ID Line `yaml:"id" need:"true"`
	// The division's name.
	Name Line `yaml:"name" need:"true"`
	// Other names and acronyms of the division.
	Aliases []Line `yaml:"aliases"`
	// What the division is for, in one to three sentences. Markdown.
	Summary Line `yaml:"summary" is:"prose"`
	// Facts by label. People ask for lead, reports_to, location and hours by name; any other label is shown as
	// written.
	Facts Facts `yaml:"facts"`
	// How to reach the division.
	Contact Contact `yaml:"contact"`
	// Where this division's facts come from, if not from the file's source.
	Source Source `yaml:"source"`
	// What the division is responsible for.
	Handles []Responsibility `yaml:"handles"`
	// Programs, centers and teams that belong to the division.
	Programs []Program `yaml:"programs"`
	// Questions that this division answers, as people ask them. Everyone who sees the division may be shown them;
	// put questions about a responsibility that is not for everyone below it.
	Questions []Line `yaml:"questions" is:"question"`
	// Ids of divisions that may help as well.
	SeeAlso []Line `yaml:"see_also"`
	// Near misses: what people ask this division for by mistake.
	NotFor []NotFor `yaml:"not_for"`
	// Pages to read on.
	Links []Link `yaml:"links"`
	// Who may see this: names of groups that the settings define, such as [employees]. Without it, everyone.
	Audience []Line `yaml:"audience"`
	// Always answered in private and never shared: true or false.
	Private bool `yaml:"private"`
}

// Facts are a division's facts in the order of the file.
type Facts []Fact

// Fact is one fact of a division under its label.
type Fact struct {
	Label Line
	FactText
}

// FactText is the text of a fact. In the file it is a text, or keys if it has an audience.
type FactText struct {
	// The fact.
	Text Line `yaml:"text" need:"true" is:"prose"`
	// Who may see this: names of groups that the settings define, such as [employees]. Without it, everyone.
	Audience []Line `yaml:"audience"`
}

// Contact is how a division is reached.
type Contact struct {
	// E-mail address.
	Email Line `yaml:"email"`
	// Telephone number.
	Phone Line `yaml:"phone"`
	// Web page.
	URL Line `yaml:"url" is:"address"`
	// Slack channel, such as #trade.
	Slack Line `yaml:"slack"`
	// Discord channel, such as #trade.
	Discord Line `yaml:"discord"`
	// Who may see this: names of groups that the settings define, such as [employees]. Without it, everyone.
	Audience []Line `yaml:"audience"`
}

// Responsibility is one thing that a division handles.
type Responsibility struct {
	// The responsibility in one to five words.
	Topic Line `yaml:"topic"`
	// What the division does about it. Markdown.
	Text Line `yaml:"text" is:"prose"`
	// Words and phrases people use for it; 15 to 40 keywords per responsibility.
	Keywords []Line `yaml:"keywords"`
	// Questions about it, as people ask them.
	Questions []Line `yaml:"questions" is:"question"`
	// Who may see this: names of groups that the settings define, such as [employees]. Without it, everyone.
	Audience []Line `yaml:"audience"`
}

// Program is a program, center or team of a division.
type Program struct {
	// The program's name.
	Name Line `yaml:"name" need:"true"`
	// Its acronym.
	Acronym Line `yaml:"acronym"`
	// What it does. Markdown.
	Text Line `yaml:"text" is:"prose"`
	// Words and phrases people use for it.
	Keywords []Line `yaml:"keywords"`
	// Questions about it, as people ask them.
	Questions []Line `yaml:"questions" is:"question"`
	// Who may see this: names of groups that the settings define, such as [employees]. Without it, everyone.
	Audience []Line `yaml:"audience"`
}

// NotFor is a near miss: a topic that people take for one of the division.
type NotFor struct {
	// What is asked for by mistake.
	Text Line `yaml:"text" need:"true"`
	// The id of the division that does handle it.
	See Line `yaml:"see"`
	// Where to go instead. Markdown.
	Say Line `yaml:"say" is:"prose"`
	// Who may see this: names of groups that the settings define, such as [employees]. Without it, everyone.
	Audience []Line `yaml:"audience"`
}

// Link is a page with more information.
type Link struct {
	// The page's title.
	Title Line `yaml:"title"`
	// The page's address.
	URL Line `yaml:"url" need:"true" is:"address"`
}

// TellApart says what separates two divisions.
type TellApart struct {
	// The ids of the two divisions.
	Between []Line `yaml:"between" need:"true"`
	// What separates them, in a sentence or two. Markdown.
	Say Line `yaml:"say" need:"true" is:"prose"`
}

// Decline is a declined topic: one that the desk does not answer.
type Decline struct {
	// A short name for machines.
	ID Line `yaml:"id" need:"true"`
	// The topic, as it is named to people.
	Topic Line `yaml:"topic"`
	// Questions on the topic, as people ask them.
	Questions []Line `yaml:"questions" is:"question"`
	// Where to go instead. Markdown.
	Answer Line `yaml:"answer" is:"prose"`
	// Who may see this: names of groups that the settings define, such as [employees]. Without it, everyone.
	Audience []Line `yaml:"audience"`
}

// allQuestions are the example questions of a division, its responsibilities and programs.
func (d *Division) allQuestions() []Line {
	all := slices.Clip(d.Questions)
	for _, h := range d.Handles {
		all = append(all, h.Questions...)
	}
	for _, p := range d.Programs {
		all = append(all, p.Questions...)
	}
	return all
}
