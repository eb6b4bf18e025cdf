// The words of every room; a test compares the two languages.

import ui from '../ui/words.en.json';
import frame from '../frame/words.en.json';
import signIn from '../pages/sign-in/words.en.json';
import overview from '../pages/overview/words.en.json';
import requests from '../pages/requests/words.en.json';
import keys from '../pages/keys/words.en.json';
import pools from '../pages/pools/words.en.json';
import users from '../pages/users/words.en.json';
import models from '../pages/models/words.en.json';
import usage from '../pages/usage/words.en.json';
import connect from '../pages/connect/words.en.json';
import playground from '../pages/playground/words.en.json';
import settings from '../pages/settings/words.en.json';

export default { ui, frame, 'sign-in': signIn, overview, requests, keys, pools, users, models, usage, connect, playground, settings };
