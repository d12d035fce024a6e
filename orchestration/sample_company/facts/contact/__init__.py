"""What passes between the company and its people: messages, visits, words, sightings."""
