package slack

import (
	"slices"

	"frontdesk/bot"
	"frontdesk/knowledge/text"

	"github.com/slack-go/slack"
)

// homeBlocks returns the Home tab: how to ask, a question field, and every division.
func homeBlocks(directory bot.Answer) []slack.Block {
	offers := directory.Offers
	directory.Offers = nil
	source := directory.Source
	directory.Source = bot.Source{}
	w := writer{answer: directory, frame: frame{modal: true}, shrink: 1}
	w.all()
	input := slack.NewInputBlock("", plain(bot.LabelQuestion), nil, &slack.PlainTextInputBlockElement{
		Type: slack.METPlainTextInput, ActionID: actionAsk, MaxLength: maxInput,
		Placeholder:          plain(bot.LabelQuestionTip),
		DispatchActionConfig: &slack.DispatchActionConfig{TriggerActionsOn: []string{"on_enter_pressed"}},
	})
	input.DispatchAction = true
	w.add(input)
	if len(offers) > 0 {
		w.add(slack.NewDividerBlock())
		w.add(slack.NewHeaderBlock(plain(bot.LabelDirectory)))
	}
	const around = 4 // blocks after the rows, at most
	offers = slices.DeleteFunc(slices.Clone(offers), func(o bot.Offer) bool { return o.Division == "" })
	w.choices(offers, maxViewBlocks-len(w.blocks)-around)
	w.source(source)
	return w.blocks
}

// directoryBlocks returns a directory for a modal.
func directoryBlocks(a bot.Answer) []slack.Block {
	offers := a.Offers
	a.Offers = nil
	w := writer{answer: a, frame: frame{modal: true}, shrink: 1}
	w.all()
	w.choices(offers, maxViewBlocks-len(w.blocks)-1)
	return w.blocks
}

// choices adds rows for all offers or, if these are more than so many blocks, menus.
func (w *writer) choices(offers []bot.Offer, most int) {
	if len(offers) <= most {
		w.rows(offers)
	} else {
		w.menus(offers, most)
	}
}

// menus adds as many menus as the offers need, at most so many, and a note if offers are
// left out.
func (w *writer) menus(offers []bot.Offer, most int) {
	const bytes = maxViewBytes * 3 / 4 // a quarter is left for the other blocks
	for range most {
		n := min(len(offers), maxOptions)
		if n == 0 {
			return
		}
		m := menu(offers[:n])
		m.Placeholder = plain(text.Clip(offers[0].Title, maxPlaceholder/2) + " – " +
			text.Clip(offers[n-1].Title, maxPlaceholder/2-3))
		w.add(slack.NewActionBlock("", m))
		if size(w.blocks) > bytes {
			w.blocks = w.blocks[:len(w.blocks)-1]
			break
		}
		offers = offers[n:]
	}
	if len(offers) > 0 {
		w.text(bot.Note(bot.SayMoreOffers).Body, partLength)
	}
}

func homeView(blocks []slack.Block) slack.HomeTabViewRequest {
	return slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: blocks}}
}

func modalView(place string, blocks []slack.Block) slack.ModalViewRequest {
	return slack.ModalViewRequest{
		Type: slack.VTModal, PrivateMetadata: place, Title: plain(text.Clip(bot.LabelAskDesk, maxModalTitle)),
		Close: plain(bot.LabelClose), Blocks: slack.Blocks{BlockSet: blocks},
	}
}
