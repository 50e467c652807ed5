package draft

import (
	"errors"
	"strings"
)

// Ask makes a draft of the answers to a few questions. The function ask shows a prompt and returns
// what is answered, or false at the end of the answers. Without an answer to the first
// question, the draft is a sample.
func Ask(ask func(prompt string) (answer string, ok bool)) (*Draft, error) {
	d := &Draft{}
	name, ok := ask("The name of your organization (empty: write a sample to edit): ")
	if strings.TrimSpace(name) == "" {
		return Sample(), nil
	}
	d.File.Organization.Name = line(name)
	for ok {
		prompt := "The name of a division, such as People or Buildings: "
		if len(d.File.Divisions) > 0 {
			prompt = "The name of another division (empty: done): "
		}
		if name, ok = ask(prompt); strings.TrimSpace(name) == "" {
			if ok && len(d.File.Divisions) == 0 {
				continue
			}
			break
		}
		i := d.division(name)
		var answer string
		if answer, ok = ask("What it does, in a sentence: "); ok {
			d.say(i, Summary, "", answer)
		}
		for n := 1; ok; n++ {
			prompt := "What it handles, one thing a line, such as Parking permits (empty: done): "
			if n > 1 {
				prompt = "… and (empty: done): "
			}
			if answer, ok = ask(prompt); answer == "" {
				break
			}
			d.say(i, Handles, "", answer)
		}
		if ok {
			if answer, ok = ask("How to reach it: e-mail, phone or web page: "); ok {
				d.say(i, Contact, "", answer)
			}
		}
	}
	if len(d.File.Divisions) == 0 {
		return nil, errors.New("no division was named")
	}
	d.topics()
	d.finish()
	return d, nil
}

// Sample is a draft with two divisions that are made up.
func Sample() *Draft {
	d := &Draft{}
	d.File.Organization.Name = line("Acme")
	people, buildings := d.division("People"), d.division("Buildings")
	d.say(people, Summary, "", "Looks after everyone who works here.")
	d.say(people, Lead, "", "Ann Example")
	d.say(people, Location, "", "Second floor")
	d.say(people, Contact, "", "people@acme.example")
	d.say(people, Questions, "", "I am having a baby, whom do I tell?")
	leave := responsibility("Parental leave: Plans leave for new parents.")
	leave.Keywords = linesFrom([]string{"maternity", "paternity", "baby", "newborn", "pregnant"})
	d.handle(people, leave)
	d.say(buildings, Summary, "", "Keeps the offices warm, dry and safe.")
	d.say(buildings, Contact, "", "+1 555 0100")
	d.say(buildings, Questions, "", "Who fixes the radiator in my office?")
	heating := responsibility("Heating")
	heating.Keywords = linesFrom([]string{"radiator", "cold office", "boiler", "thermostat"})
	d.handle(buildings, heating)
	d.notef("This is a sample: replace the divisions by your own.")
	d.finish()
	return d
}
