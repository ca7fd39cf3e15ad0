// npm's twitter-text, asked line by line. Run in a folder where `npm install twitter-text` was done.
//   facts: each line is a text as JSON; answered with all that twitter-text makes of it, indices in UTF-16.
//   speed: the first line is a list of lists of texts; then each line `parse 0`, `hashtags 3`… is
//          answered with the seconds that list took.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const loaded = createRequire(process.cwd() + "/")("twitter-text");
const twitter = loaded.default ?? loaded;

const spans = (found, name) => found.map((one) => [one[name], ...one.indices]);

function facts(text) {
  const parsed = twitter.parseTweet(text);
  return {
    weighted_length: parsed.weightedLength,
    valid: parsed.valid,
    permillage: parsed.permillage,
    valid_range: [parsed.validRangeStart, parsed.validRangeEnd],
    display_range: [parsed.displayRangeStart, parsed.displayRangeEnd],
    weighted_length_v2: twitter.parseTweet(text, twitter.configs.version2).weightedLength,
    weighted_length_v1: twitter.parseTweet(text, twitter.configs.version1).weightedLength,
    hashtags: spans(twitter.extractHashtagsWithIndices(text), "hashtag"),
    urls: spans(twitter.extractUrlsWithIndices(text), "url"),
    mentions: spans(twitter.extractMentionsWithIndices(text), "screenName"),
    cashtags: spans(twitter.extractCashtagsWithIndices(text), "cashtag"),
    mentions_or_lists: twitter
      .extractMentionsOrListsWithIndices(text)
      .map((one) => [one.screenName, one.listSlug, ...one.indices]),
    reply: twitter.extractReplies(text),
    is_valid_username: Boolean(twitter.isValidUsername(text)),
    is_valid_list: Boolean(twitter.isValidList(text)),
    is_valid_hashtag: Boolean(twitter.isValidHashtag(text)),
    is_valid_url: Boolean(twitter.isValidUrl(text)),
    is_valid_url_ascii: Boolean(twitter.isValidUrl(text, false)),
    is_valid_url_bare: Boolean(twitter.isValidUrl(text, true, false)),
  };
}

const jobs = { parse: twitter.parseTweet, hashtags: twitter.extractHashtags };
let lists = null;

function seconds(line) {
  const [job, at] = line.split(" ");
  const began = process.hrtime.bigint();
  for (const text of lists[at]) jobs[job](text);
  return Number(process.hrtime.bigint() - began) / 1e9;
}

for await (const line of createInterface({ input: process.stdin })) {
  if (process.argv[2] === "facts") console.log(JSON.stringify(facts(JSON.parse(line))));
  else if (lists === null) lists = JSON.parse(line);
  else console.log(seconds(line));
}
